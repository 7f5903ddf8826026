/** Version of the operator, as its Backend shows it. */
export const version = '0.1.0';
