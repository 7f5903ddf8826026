/** Version of the webhooks, as the apiserver sees it in their requests. */
export const version = '0.1.0';
