package org.tidbbinlog.testkit.network;

/**
 * A moment in the life of a target transaction. It goes to the server in one packet, {@code
 * begin;…;commit}, or in several of which the last is {@code commit}.
 */
public enum Step {
  /** The client has sent it, the server never gets it. */
  BEFORE_STATEMENT,
  /** The server gets the first half of the packet. */
  WITHIN_STATEMENT,
  /** The server has executed everything but the commit. */
  BEFORE_COMMIT,
  /** The server gets the commit; nobody waits for what comes of it. */
  AFTER_COMMIT_SENT,
  /** The server has committed and said so; the client does not hear it. */
  BEFORE_ANSWER,
  /** The client hears the first bytes of the answer. */
  WITHIN_ANSWER
}
