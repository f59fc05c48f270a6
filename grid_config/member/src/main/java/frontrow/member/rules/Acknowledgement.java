package frontrow.member.rules;

import java.util.ArrayList;
import java.util.List;

/**
 * The way back from PostgreSQL: everything up to a seq is durable, and what became of some orders there. Makes no change
 * and no outbox record. Idempotent: verdicts of a repeated acknowledgement find nothing to do.
 *
 * <p>Wire: {@code i64 incarnation | i64 seq | u32 n | n×(i64 order | u8 verdict | u8 k | k×i32 place)}.
 */
record Acknowledgement(long incarnation, long seq, List<Verdict> verdicts) {
    private static final int CONFIRMED = 1;
    private static final int REFUSED = 2;
    private static final int REFUND_DONE = 3;
    private static final int REFUND_FAILED = 4;
    private static final int SET_ASIDE = 5;
    private static final int VERDICT_BYTES_MIN = 10;

    record Verdict(long order, int kind, int[] places) {
        static Verdict read(WireReader in) {
            long order = in.i64();
            int kind = in.u8();
            if (kind < CONFIRMED || kind > SET_ASIDE) {
                throw new MalformedException("verdict " + kind);
            }
            int[] places = new int[in.u8()];
            for (int index = 0; index < places.length; index++) {
                places[index] = in.i32();
            }
            return new Verdict(order, kind, places);
        }
    }

    static Acknowledgement read(WireReader in) {
        long incarnation = in.i64();
        long seq = in.i64();
        int count = in.count(VERDICT_BYTES_MIN);
        List<Verdict> verdicts = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            verdicts.add(Verdict.read(in));
        }
        in.end();
        return new Acknowledgement(incarnation, seq, verdicts);
    }

    /** The seq must not be ahead of the inventory's. */
    void apply(Inventory inventory) {
        inventory.outbox().trim(seq);
        for (Verdict verdict : verdicts) {
            Order order = inventory.orders().find(verdict.order);
            if (order != null) {
                inventory.orders().detach(order);
                apply(inventory, order, verdict);
                inventory.orders().attach(order);
            }
        }
        Retention.afterAcknowledgement(inventory);
    }

    private static void apply(Inventory inventory, Order order, Verdict verdict) {
        switch (verdict.kind) {
            case CONFIRMED -> {
                if (order.status() == OrderStatus.PAID) {
                    order.confirm(inventory.lastAt());
                }
            }
            case REFUSED -> refuse(inventory, order, verdict.places);
            case REFUND_DONE -> order.setRefund(Refund.DONE);
            case REFUND_FAILED -> order.setRefund(Refund.FAILED);
            default -> { } // set aside: a human decides, the order stays as it is
        }
    }

    /** Somebody else has tickets for some of its places: those are not for sale, the others are free again. */
    private static void refuse(Inventory inventory, Order order, int[] conflicting) {
        if (order.status() != OrderStatus.PAID) {
            return;
        }
        order.end(OrderStatus.DECLINED, inventory.lastAt(), false);
        order.setRefund(Refund.PENDING);
        inventory.places().vacate(order);
        for (int place : conflicting) {
            inventory.places().sell(place);
        }
    }
}
