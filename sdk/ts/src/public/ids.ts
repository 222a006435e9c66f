/** A UUIDv7 in lower case. Its order as a string is the order in which messages were sent. */
export type MessageId = string;

/** The UUID of a group in lower case. */
export type GroupId = string;

/** A user, referred to: `@alice`. Profiles hold the bare `name`. */
export type UserReference = `@${string}`;

/** Milliseconds since 1970 on the server's clock. */
export type TimeMs = number;
