package frontrow.member.grid;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.core.HazelcastInstance;
import frontrow.member.TestGrid;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Who may lack what others have acknowledged acts for nobody. */
class DoubtTest {
    private static boolean acts(HazelcastInstance member) {
        return LongStream.range(0, 50).anyMatch(key -> Fence.of(member).holds(key));
    }

    @Test
    void aMemberThatStartsIsInDoubtUntilItHasFoundEnoughOthers() {
        try (TestGrid grid = new TestGrid()) {
            HazelcastInstance first = grid.add();
            assertTrue(Doubt.of(first).stands());
            HazelcastInstance second = grid.add();
            grid.waitUntil(grid::isOverDoubt);
            second.getMap("inventory").size(); // partitions have owners when somebody asks
            grid.waitUntil(() -> acts(first) && acts(second));
        }
    }

    @Test
    void whoeverWasAloneIsInDoubtAgain() {
        try (TestGrid grid = TestGrid.of(2)) {
            HazelcastInstance left = grid.member(0);
            assertFalse(Doubt.of(left).stands());
            grid.kill(grid.member(1));
            grid.waitUntil(() -> Doubt.of(left).stands());
        }
    }

    @Test
    void aMemberThatHasNotHandedOverWhatItBroughtCountsForNothing() {
        try (TestGrid grid = TestGrid.of(2)) {
            HazelcastInstance one = grid.member(0);
            Doubt other = Doubt.of(grid.member(1));
            other.leave();
            Doubt.of(one).saw(1);
            assertTrue(Doubt.of(one).stands());
            long patience = System.nanoTime() + 500_000_000L;
            grid.waitUntil(() -> System.nanoTime() > patience);
            assertTrue(Doubt.of(one).stands() && other.stands());

            other.isBack();
            grid.waitUntil(grid::isOverDoubt);
        }
    }

    @Test
    void aDoubtThatBeginsWhileOthersAreAskedDoesNotEndWithTheirAnswers() {
        Doubt doubt = new Doubt(2);
        int begun = doubt.times();
        doubt.saw(1);
        doubt.end(begun);
        assertTrue(doubt.stands());
        doubt.end(doubt.times());
        assertFalse(doubt.stands());
    }
}
