/** Version of the gateway, as clients see it and as the apiserver sees it in its requests. */
export const version = '0.1.0';
