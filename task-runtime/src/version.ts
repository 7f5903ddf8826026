/** Version of what runs beside the commands of tasks. */
export const version = '0.1.0';
