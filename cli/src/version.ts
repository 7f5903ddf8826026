/** Version of this program, as the gateway sees it in requests. */
export const version = '0.1.0';
