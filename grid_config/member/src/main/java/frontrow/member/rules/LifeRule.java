package frontrow.member.rules;

/** Restoring, opening and dropping an entry, its status, and its terms. Every step may be repeated by anybody. */
final class LifeRule {
    private static final int ABSENT = 0;
    private static final int SHUT = 1;
    private static final int OPEN = 2;

    private LifeRule() {
    }

    /** {@code inventory} may be null: then, and only then, the entry is built. One that is shut is gone on with as it is. */
    static Decision restore(Inventory inventory, Command.Restore restore, long now, Bounds bounds) {
        if (inventory == null) {
            if (bounds.refuseEntry()) {
                return Decision.refuse(Outcome.FULL);
            }
            return Decision.accept(Step.Restored.of(restore.body(), now), Decision.NOTHING);
        }
        if (inventory.isDiverged()) {
            return Decision.refuse(Outcome.DIVERGED);
        }
        boolean same = new WireReader(restore.body()).i64() == inventory.incarnation();
        if (inventory.isOpen() && !same) {
            return Decision.refuse(Outcome.OTHER_INCARNATION, inventory.incarnation());
        }
        return Decision.refuse(Outcome.REPEATED);
    }

    static Decision open(Inventory inventory, Command.Open open) {
        if (open.incarnation() != inventory.incarnation()) {
            return Decision.refuse(Outcome.OTHER_INCARNATION, inventory.incarnation());
        }
        if (inventory.isDiverged()) {
            return Decision.refuse(Outcome.DIVERGED);
        }
        return inventory.isOpen() ? Decision.refuse(Outcome.REPEATED) : Decision.accept(new Step.Opened(), Decision.NOTHING);
    }

    static Decision drop(Inventory inventory, Command.Drop drop) {
        if (drop.incarnation() != inventory.incarnation()) {
            return Decision.refuse(Outcome.OTHER_INCARNATION, inventory.incarnation());
        }
        return inventory.isOpen() ? Decision.refuse(Outcome.INVALID) : Decision.accept(new Step.Dropped(), Decision.NOTHING);
    }

    /**
     * {@code inventory} may be null: then it has left already. What goes is nothing but what PostgreSQL has: the position that
     * it has reached is the entry's, nothing waits for it, and ended orders have had their time, as in {@link Retention}. An
     * entry that was restored because somebody asked for it has that time, too.
     */
    static Decision leave(Inventory inventory, Command.Leave leave, long now) {
        if (inventory == null) {
            return Decision.refuse(Outcome.REPEATED);
        }
        if (leave.incarnation() != inventory.incarnation()) {
            return Decision.refuse(Outcome.OTHER_INCARNATION, inventory.incarnation());
        }
        boolean rests = inventory.terms().isLongOver(now) && now >= inventory.lastAt() + Limits.ORDER_RETENTION_MS;
        return rests && stands(inventory, leave) && !inventory.orders().anyPending()
                ? Decision.accept(new Step.Dropped(), Decision.NOTHING)
                : Decision.refuse(Outcome.STILL_NEEDED);
    }

    /** Whether everything is durable, and PostgreSQL remembers the same history. */
    private static boolean stands(Inventory inventory, Command.Leave leave) {
        return !inventory.isDirty() && leave.seq() == inventory.seq() && leave.changeId() == inventory.outbox().idAt(leave.seq());
    }

    static Decision changeTerms(Inventory inventory, Command.ChangeTerms command, long now, Bounds bounds) {
        WireReader in = new WireReader(command.body());
        Terms terms = Terms.read(in, inventory.layout().categories());
        in.end();
        if (terms.equals(inventory.terms())) {
            return Decision.refuse(Outcome.REPEATED);
        }
        if (bounds.refuseAll(inventory)) {
            return Decision.refuse(Outcome.FULL);
        }
        Change.Head head = new Change.Head(inventory.seq() + 1, now, 0, 0, Wide.ZERO, 0);
        return Decision.accept(new Step.Changed(new Change.TermsChanged(head, terms)), Decision.NOTHING);
    }

    /** {@code inventory} may be null. */
    static Decision status(Inventory inventory) {
        return Decision.accept(null, (out, after) -> writeStatus(after, out));
    }

    /**
     * {@code u8 state | i64 incarnation | i64 seq | i64 durable_seq | i64 change_id at durable | u32 outbox | u32 live orders |
     * u32 ended orders | i64 bytes estimate}
     */
    private static void writeStatus(Inventory inventory, WireWriter out) {
        if (inventory == null) {
            out.u8(ABSENT).i64(0).i64(0).i64(0).i64(0).i32(0).i32(0).i32(0).i64(0);
            return;
        }
        Outbox outbox = inventory.outbox();
        out.u8(inventory.isOpen() ? OPEN : SHUT).i64(inventory.incarnation()).i64(inventory.seq()).i64(outbox.durableSeq())
                .i64(outbox.idAt(outbox.durableSeq())).i32(outbox.size()).i32(inventory.orders().liveCount())
                .i32(inventory.orders().endedCount()).i64(inventory.bytesEstimate());
    }
}
