package frontrow.member.rules;

import com.carrotsearch.hppc.LongIntHashMap;
import com.carrotsearch.hppc.LongObjectHashMap;
import com.carrotsearch.hppc.ObjectObjectHashMap;
import com.carrotsearch.hppc.cursors.ObjectCursor;
import java.util.function.Consumer;

/**
 * The orders of an inventory: those kept in full, by number and by command id, in the queue of what falls due next, and
 * the sold ones of which only the places are kept. An order is taken out of the queues and counts ({@link #detach}) before
 * its status changes and put back ({@link #attach}) after.
 */
public final class Orders {
    private final LongObjectHashMap<Order> byNumber = new LongObjectHashMap<>();
    private final ObjectObjectHashMap<Wide, Order> byCommand = new ObjectObjectHashMap<>();
    private final LongObjectHashMap<Sold> sold = new LongObjectHashMap<>();
    private final LongIntHashMap placesOfAccount = new LongIntHashMap();
    private final TimeQueue held = new TimeQueue();
    private final TimeQueue paying = new TimeQueue();
    private final TimeQueue ended = new TimeQueue();
    private int liveCount;

    Order find(long number) {
        return byNumber.get(number);
    }

    Order byCommand(Wide commandId) {
        return byCommand.get(commandId);
    }

    Sold findSold(long number) {
        return sold.get(number);
    }

    boolean knows(long number) {
        return byNumber.containsKey(number) || sold.containsKey(number);
    }

    /** Orders kept in full, live and ended. */
    public int size() {
        return byNumber.size();
    }

    int liveCount() {
        return liveCount;
    }

    int endedCount() {
        return byNumber.size() - liveCount;
    }

    int soldCount() {
        return sold.size();
    }

    /** Places in the account's held, paying, paid and confirmed orders. */
    int placesOf(long account) {
        return placesOfAccount.get(account);
    }

    /** Whether one waits for its shopper, its provider or PostgreSQL. Looks at all of them. */
    boolean anyPending() {
        for (ObjectCursor<Order> order : byNumber.values()) {
            if (order.value.status().isLive() && order.value.status() != OrderStatus.CONFIRMED) {
                return true;
            }
        }
        return false;
    }

    /** Held orders, by deadline. */
    TimeQueue held() {
        return held;
    }

    /** Orders being paid, by deadline. */
    TimeQueue paying() {
        return paying;
    }

    /** Confirmed and ended orders, by their end. */
    TimeQueue ended() {
        return ended;
    }

    void add(Order order) {
        byNumber.put(order.number(), order);
        if (!order.commandId().equals(Wide.ZERO)) { // zero: it was sold, its command is forgotten
            byCommand.put(order.commandId(), order);
        }
        attach(order);
    }

    void add(Sold order) {
        sold.put(order.number(), order);
        count(order.account(), order.places().length);
    }

    void remove(Sold order) {
        sold.remove(order.number());
        count(order.account(), -order.places().length);
    }

    /** Takes a detached order out for good. */
    void forget(Order order) {
        byNumber.remove(order.number());
        if (byCommand.get(order.commandId()) == order) {
            byCommand.remove(order.commandId());
        }
    }

    void detach(Order order) {
        TimeQueue queue = queueOf(order);
        if (queue != null) {
            queue.remove(order);
        }
        if (order.status().isLive()) {
            liveCount--;
            count(order.account(), -order.places().length);
        }
    }

    void attach(Order order) {
        TimeQueue queue = queueOf(order);
        if (queue != null) {
            queue.add(order);
        }
        if (order.status().isLive()) {
            liveCount++;
            count(order.account(), order.places().length);
        }
    }

    void forEach(Consumer<Order> taker) {
        for (ObjectCursor<Order> order : byNumber.values()) {
            taker.accept(order.value);
        }
    }

    void forEachSold(Consumer<Sold> taker) {
        for (ObjectCursor<Sold> order : sold.values()) {
            taker.accept(order.value);
        }
    }

    /** A paid order waits for PostgreSQL, not for a time. */
    private TimeQueue queueOf(Order order) {
        return switch (order.status()) {
            case HELD -> held;
            case PAYING -> paying;
            case PAID -> null;
            case CONFIRMED, RELEASED, EXPIRED, DECLINED, CANCELLED -> ended;
        };
    }

    private void count(long account, int change) {
        if (placesOfAccount.addTo(account, change) == 0) {
            placesOfAccount.remove(account);
        }
    }
}
