/** Version of this program, as the gateway sees it in requests. */
export const version = '0.1.0';

/** Version of upstream's client whose requests this program makes: what gateways compare with the oldest and the newest that they know. */
export const upstreamVersion = '6.4.0';
