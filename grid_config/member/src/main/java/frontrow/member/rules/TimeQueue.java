package frontrow.member.rules;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Orders by the time at which something is due of them: a binary heap that knows where each order stands, so that one
 * that leaves early leaves nothing behind. Equal times go by number: owner, backup and a restored copy agree on the order.
 */
final class TimeQueue {
    private Order[] heap = new Order[16];
    private int size;

    int size() {
        return size;
    }

    /** The first one due; null when empty. */
    Order first() {
        return size == 0 ? null : heap[0];
    }

    void add(Order order) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        rise(size++, order);
    }

    void remove(Order order) {
        int hole = order.queueIndex;
        order.queueIndex = -1;
        Order last = heap[--size];
        heap[size] = null;
        if (last == order) {
            return;
        }
        if (hole > 0 && isBefore(last, heap[(hole - 1) >> 1])) {
            rise(hole, last);
        } else {
            sink(hole, last);
        }
    }

    /** Up to {@code most} of the orders due at a time, the first one first, the rest in no particular order. */
    void due(long now, int most, Consumer<Order> taker) {
        int[] waiting = new int[2 * most + 1];
        int head = 0;
        int tail = 0;
        waiting[tail++] = 0;
        for (int taken = 0; head < tail && taken < most; head++) {
            int index = waiting[head];
            if (index < size && heap[index].queueTime() <= now) {
                taker.accept(heap[index]);
                taken++;
                if (2 * index + 1 < size) {
                    waiting[tail++] = 2 * index + 1;
                }
                if (2 * index + 2 < size) {
                    waiting[tail++] = 2 * index + 2;
                }
            }
        }
    }

    private void rise(int hole, Order order) {
        int at = hole;
        while (at > 0) {
            int parent = (at - 1) >> 1;
            if (!isBefore(order, heap[parent])) {
                break;
            }
            put(at, heap[parent]);
            at = parent;
        }
        put(at, order);
    }

    private void sink(int hole, Order order) {
        int at = hole;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], order)) {
                break;
            }
            put(at, heap[child]);
            at = child;
        }
        put(at, order);
    }

    private void put(int index, Order order) {
        heap[index] = order;
        order.queueIndex = index;
    }

    private static boolean isBefore(Order one, Order other) {
        long time = one.queueTime();
        long otherTime = other.queueTime();
        return time < otherTime || time == otherTime && one.number() < other.number();
    }
}
