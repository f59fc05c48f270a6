package frontrow.member.rules;

import java.util.ArrayList;
import java.util.List;

/**
 * Builds an inventory from what PostgreSQL knows: shut, under a new incarnation, at the position's seq.
 *
 * <p>Wire: {@code i64 new_incarnation | i64 seq | i64 change_id | bytes layout | terms | u32 n | n×full order |
 * u32 m | m×(i64 order | i64 account | i64 attempt | u8 n | n×i32 place)}.
 */
final class Restoration {
    private Restoration() {
    }

    /** {@code at}: unix ms, stamped by the owner; versions begin there, above every version of a former life. */
    static Inventory build(byte[] body, long at) {
        WireReader in = new WireReader(body);
        long incarnation = in.i64();
        long seq = in.i64();
        long changeId = in.i64();
        if (incarnation == 0 || seq < 0) {
            throw new MalformedException("incarnation " + incarnation + " at " + seq);
        }
        Layout layout = Layout.read(in.part());
        Terms terms = Terms.read(in, layout.categories());
        Inventory inventory = new Inventory(incarnation, layout, terms, at * Limits.VERSION_STEPS_PER_MS, new Outbox(seq, changeId));
        inventory.setLastAt(at);
        List<Order> orders = readOrders(in);
        List<Sold> sold = readSold(in);
        in.end();
        fill(inventory, orders, sold);
        return inventory;
    }

    /** Sold places first: whoever has a ticket keeps its place, should PostgreSQL's rows ever disagree. */
    private static void fill(Inventory inventory, List<Order> orders, List<Sold> sold) {
        for (Sold order : sold) {
            if (!inventory.orders().knows(order.number())) {
                inventory.orders().add(order);
                inventory.places().occupy(order);
            }
        }
        orders.sort((one, other) -> Boolean.compare(other.status().isSettled(), one.status().isSettled()));
        for (Order order : orders) {
            if (inventory.orders().knows(order.number())) {
                continue;
            }
            inventory.orders().add(order);
            if (order.status().isLive()) {
                inventory.places().occupy(order);
            }
        }
    }

    private static List<Order> readOrders(WireReader in) {
        int count = in.count(Order.BYTES_MIN);
        List<Order> orders = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            orders.add(Order.read(in));
        }
        return orders;
    }

    private static List<Sold> readSold(WireReader in) {
        int count = in.count(Sold.leastBytes());
        List<Sold> sold = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            sold.add(Sold.read(in));
        }
        return sold;
    }
}
