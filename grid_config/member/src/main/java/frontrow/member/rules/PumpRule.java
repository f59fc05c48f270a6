package frontrow.member.rules;

import java.util.ArrayList;
import java.util.List;

/** What the data pump asks: changes after a position, what has become durable, and which payments are overdue. */
final class PumpRule {
    private PumpRule() {
    }

    /** A position is (incarnation, seq, id of the change at seq): it must lie on this entry's own history. */
    static Decision drain(Inventory inventory, Command.Drain drain) {
        Outbox outbox = inventory.outbox();
        if (drain.incarnation() != inventory.incarnation()) {
            return Decision.refuse(Outcome.OTHER_INCARNATION, inventory.incarnation());
        }
        if (drain.seq() < outbox.durableSeq()) {
            return Decision.refuse(Outcome.TRIMMED);
        }
        if (drain.seq() > outbox.lastSeq() || outbox.idAt(drain.seq()) != drain.changeId()) {
            return diverged(inventory);
        }
        if (drain.seq() > outbox.durableSeq()) {
            return Decision.refuse(Outcome.BEHIND, outbox.durableSeq());
        }
        int count = Math.min(Math.min(drain.most(), Limits.DRAIN_CHANGES_MAX), outbox.size());
        return Decision.accept(null, (out, after) -> writeDrained(after.outbox(), drain.seq(), drain.seq() + count, out));
    }

    static Decision acknowledge(Inventory inventory, Command.Acknowledge command) {
        Acknowledgement acknowledgement = command.acknowledgement();
        if (acknowledgement.incarnation() != inventory.incarnation()) {
            return Decision.refuse(Outcome.OTHER_INCARNATION, inventory.incarnation());
        }
        if (acknowledgement.seq() > inventory.seq()) {
            return diverged(inventory);
        }
        return Decision.accept(new Step.Acknowledged(acknowledgement, command.body()), Decision.NOTHING);
    }

    /**
     * The whole state, for a position that this outbox no longer reaches: {@code i64 seq | i64 change_id at seq |
     * i64 durable_seq | u32 n | n×bytes full order | u32 m | m×(i64 order | i64 account | i64 attempt | u8 k | k×i32 place) |
     * u32 c | c×bytes change after durable_seq}. The heap that an entry takes is above what it comes to as bytes.
     */
    static Decision whole(Inventory inventory) {
        return inventory.bytesEstimate() > Limits.WHOLE_BYTES_MAX
                ? Decision.refuse(Outcome.FULL)
                : Decision.accept(null, (out, after) -> writeWhole(after, out));
    }

    /** Orders being paid whose deadline is past: {@code u16 n | n×(order, account, attempt, method, provider, total, deadline)}. */
    static Decision due(Inventory inventory, Command.Due due, long now) {
        return Decision.accept(null, (out, after) -> {
            List<Order> orders = new ArrayList<>();
            after.orders().paying().due(now, Math.min(due.most(), Limits.DUE_ORDERS_MAX), orders::add);
            out.u16(orders.size());
            for (Order order : orders) {
                out.i64(order.number()).i64(order.account()).i64(order.attempt()).u8(order.method()).text(order.provider())
                        .i64(order.total()).i64(order.deadlineAt());
            }
        });
    }

    /** Two histories: it must not sell on the wrong one. Its remaining changes can still be drained from its durable seq. */
    private static Decision diverged(Inventory inventory) {
        Step step = inventory.isDiverged() ? null : new Step.Diverged();
        return new Decision(Outcome.DIVERGED, step, Decision.NOTHING);
    }

    private static void writeWhole(Inventory inventory, WireWriter out) {
        Outbox outbox = inventory.outbox();
        Orders orders = inventory.orders();
        out.i64(inventory.seq()).i64(outbox.idAt(inventory.seq())).i64(outbox.durableSeq()).i32(orders.size());
        orders.forEach(order -> {
            int part = out.beginPart();
            order.write(out);
            out.endPart(part);
        });
        out.i32(orders.soldCount());
        orders.forEachSold(sold -> sold.write(out));
        writeRecords(outbox, outbox.durableSeq(), inventory.seq(), out);
    }

    private static void writeDrained(Outbox outbox, long from, long to, WireWriter out) {
        out.i64(from).i64(to).i64(outbox.idAt(to)).i64(outbox.durableSeq());
        writeRecords(outbox, from, to, out);
    }

    private static void writeRecords(Outbox outbox, long from, long to, WireWriter out) {
        out.i32((int) (to - from));
        for (long seq = from + 1; seq <= to; seq++) {
            out.blob(outbox.recordAt(seq));
        }
    }
}
