package frontrow.member.grid;

import frontrow.member.rules.Limits;
import frontrow.member.rules.Outcome;

/** What the messages of documents, attempts and hints have in common: format and outcomes, numbered as in {@code outcomes.py}. */
final class Message {
    static final byte FORMAT = Limits.FORMAT_VERSION;

    static final int ACCEPTED = Outcome.ACCEPTED.code();
    static final int REPEATED = Outcome.REPEATED.code();
    static final int INVALID = Outcome.INVALID.code();
    static final int FULL = Outcome.FULL.code();
    static final int UNAVAILABLE = Outcome.UNAVAILABLE.code();
    static final int LATE = Outcome.LATE.code();
    static final int UNSUPPORTED = Outcome.UNSUPPORTED.code();
    static final int STALE = 25;
    static final int ABSENT = 26;

    /** A request made further from the owner's now than this is refused unread: no late duplicate does anything. */
    static final long AGE_MS_MAX = Limits.BATCH_AGE_MS_MAX;

    private Message() {
    }

    static boolean isLate(long madeAt, long now) {
        return Math.abs(now - madeAt) > AGE_MS_MAX;
    }
}
