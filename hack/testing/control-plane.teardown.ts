export default async function control(): Promise<void> {}
