package frontrow.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.core.HazelcastInstance;
import frontrow.member.grid.Fence;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A member whose clock is apart leaves; those that agree stay. */
class ClockWatchTest {
    @Test
    void theClusterIsWhereMostClocksAre() {
        assertEquals(0, ClockWatch.apartMs(List.of(0L)));
        assertEquals(5, ClockWatch.apartMs(List.of(0L, 5L, 9_000L)), "one of the others is apart, not this one");
        assertEquals(8_990, ClockWatch.apartMs(List.of(9_000L, 8_990L, 0L)), "this one is");
    }

    @Test
    void ofTwoTheOlderMemberIsRight() {
        assertEquals(-9_000, ClockWatch.apartMs(List.of(-9_000L, 0L)), "the other one is older");
        assertEquals(0, ClockWatch.apartMs(List.of(0L, -9_000L)), "this one is older");
    }

    @Test
    void theMemberThatIsApartLeavesAndTheOthersStay() throws InterruptedException {
        try (TestGrid grid = TestGrid.of(2)) {
            HazelcastInstance wrong = grid.add(() -> System.currentTimeMillis() + ClockWatch.APART_MS + 500);
            CountDownLatch left = new CountDownLatch(1);
            CountDownLatch rightLeft = new CountDownLatch(1);
            new ClockWatch(wrong, left::countDown).start();
            new ClockWatch(grid.member(0), rightLeft::countDown).start();

            assertTrue(left.await(15, TimeUnit.SECONDS));
            assertFalse(rightLeft.await(2, TimeUnit.SECONDS));
            assertFalse(stampsAnything(grid, wrong), "not while it was in either");
        }
    }

    @Test
    void aMemberStampsNothingBeforeItHasHeardThatItsClockIsRight() {
        try (TestGrid grid = TestGrid.of(2)) {
            HazelcastInstance right = grid.add(System::currentTimeMillis);
            assertFalse(stampsAnything(grid, right));
            new ClockWatch(right, () -> { }).start();
            grid.waitUntil(() -> stampsAnything(grid, right));
        }
    }

    /** Whether there is an entry that this member would decide about. */
    private static boolean stampsAnything(TestGrid grid, HazelcastInstance member) {
        return LongStream.range(0, 100).anyMatch(key -> Fence.of(member).holds(key));
    }
}
