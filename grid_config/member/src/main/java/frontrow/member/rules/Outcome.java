package frontrow.member.rules;

/**
 * What became of one command, in order of precedence; {@code grid_config.outcomes.Outcome} has the same names and codes.
 * Expected answers are codes, exceptions are for faults.
 */
public enum Outcome {
    /** Done; its changes are on the owner and on every backup. */
    ACCEPTED(0),
    /** It was done before: here is what it led to, as it stands now. */
    REPEATED(1),
    /** It makes no sense for this inventory: an unknown or doubled place, no such category, a bad number. */
    INVALID(2),
    /** There is no such order, or it is somebody else's. */
    UNKNOWN_ORDER(3),
    /** The command's id was used before for another request. */
    KEY_REUSED(4),
    /** The sale has not begun. */
    SALE_NOT_OPEN(5),
    /** The sale is over, or the event is not on sale. */
    SALE_CLOSED(6),
    /** The account would hold and own more places of the event than a customer may. */
    LIMIT_EXCEEDED(7),
    /** These seats are not free; nothing was held. */
    SEAT_TAKEN(8),
    /** The category or the area has fewer free places than asked for; nothing was held. */
    NOT_ENOUGH_SEATS(9),
    /** These seats would be left single; nothing was held. */
    ORPHAN_SEATS(10),
    /** The order is in a state that cannot be paid. */
    NOT_PAYABLE(11),
    /** The order is paid. */
    NOT_RELEASABLE(12),
    /** The entry, its outbox or the memory of a member that keeps it is at its bound; later it may do. */
    FULL(13),
    /** Another attempt to pay this order is open. */
    ATTEMPT_OPEN(14),
    /** The entry remembers another change at the position's seq; it is shut now. */
    DIVERGED(15),
    /** The position is older than what the entry still has. */
    TRIMMED(16),
    /** The position is ahead of what was acknowledged. */
    BEHIND(17),
    /** The entry lives another life than the one that was asked for. */
    OTHER_INCARNATION(18),
    /** The entry may not leave yet: its event is not long over, or something of it is live, fresh or not durable. */
    STILL_NEEDED(19),
    /** The fence or the quorum does not hold: nothing was changed, nothing is told. */
    UNAVAILABLE(20),
    /** There is no entry for this event. */
    MISSING(21),
    /** The entry is being restored. */
    SHUT(22),
    /** The request was made over a minute away from the owner's now; it was not read. */
    LATE(23),
    /** The request's format is not one this member speaks. */
    UNSUPPORTED(24);

    private final int code;

    Outcome(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** Whether it says something that a backup must have got before anybody is told. */
    boolean tellsState() {
        return (code < INVALID.code || code > FULL.code) && this != UNAVAILABLE;
    }
}
