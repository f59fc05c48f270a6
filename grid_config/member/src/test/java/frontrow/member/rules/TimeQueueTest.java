package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TimeQueueTest {
    private static final Comparator<Order> BY_TIME = Comparator.comparingLong(Order::queueTime).thenComparingLong(Order::number);

    private static Order held(long number, long deadline) {
        Change.Head head = new Change.Head(1, 0, number, 1, Wide.ZERO, 1);
        return new Order(new Change.Held(head, Wide.ZERO, 0, deadline, 0, new int[0], new byte[0], new int[0]));
    }

    /** Numbers below 60 add an order due then, others take one out of the middle. */
    @Property(tries = 300)
    void theFirstIsAlwaysTheEarliestWhoeverLeaves(@ForAll @Size(max = 80) List<@IntRange(max = 99) Integer> moves) {
        TimeQueue queue = new TimeQueue();
        List<Order> model = new ArrayList<>();
        long number = 1;
        for (int move : moves) {
            if (move < 60 || model.isEmpty()) {
                Order order = held(number++, move);
                queue.add(order);
                model.add(order);
            } else {
                Order leaving = model.remove(move % model.size());
                queue.remove(leaving);
                assertEquals(-1, leaving.queueIndex);
            }
            model.sort(BY_TIME);
            assertEquals(model.size(), queue.size());
            assertEquals(model.isEmpty() ? null : model.get(0), queue.first());
            List<Order> due = new ArrayList<>();
            queue.due(30, 1_000, due::add);
            due.sort(BY_TIME);
            assertEquals(model.stream().filter(order -> order.queueTime() <= 30).toList(), due);
        }
        while (queue.size() > 0) {
            assertEquals(model.remove(0), queue.first());
            queue.remove(queue.first());
        }
        assertNull(queue.first());
    }

    @Property(tries = 50)
    void noMoreThanAskedForAreTold(@ForAll @IntRange(min = 1, max = 40) int count, @ForAll @IntRange(min = 1, max = 10) int most) {
        TimeQueue queue = new TimeQueue();
        for (int number = 0; number < count; number++) {
            queue.add(held(number, number));
        }
        List<Order> due = new ArrayList<>();
        queue.due(1_000, most, due::add);
        assertEquals(Math.min(count, most), due.size());
        assertEquals(0, due.get(0).number());
    }
}
