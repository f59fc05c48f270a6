package frontrow.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import frontrow.member.rules.Limits;
import org.junit.jupiter.api.Test;

/** A heap of a thousand bytes of which the test says what lives. */
class HeapRuleTest {
    private static final long BOUND = 750;

    private final Bytes heap = new Bytes();
    private final HeapRule rule = new HeapRule(heap);
    private long nowMs = 1_000_000;

    private static final class Bytes implements Heap {
        private long living;
        private long used;
        private long lived;
        private int collections;

        @Override
        public long size() {
            return 1_000;
        }

        @Override
        public long used() {
            return used;
        }

        @Override
        public long lived() {
            return lived;
        }

        @Override
        public void collect() {
            collections++;
            used = living;
            lived = living;
        }
    }

    private boolean isShortWith(long living, long dead) {
        heap.living = living;
        heap.used = living + dead;
        rule.judge(BOUND, nowMs);
        return rule.isShort();
    }

    @Test
    void whatIsDeadMakesNobodyShort() {
        assertFalse(isShortWith(100, 890));
        assertEquals(1, heap.collections);
    }

    @Test
    void belowTheBoundNobodyLooks() {
        assertFalse(isShortWith(740, 0));
        assertEquals(0, heap.collections);
    }

    @Test
    void whatLivesAboveTheBoundIsTooMuch() {
        assertTrue(isShortWith(760, 40));
    }

    @Test
    void nearTheBoundEveryStepOfGrowthIsLookedAtAndNoLess() {
        isShortWith(730, 60);
        assertFalse(isShortWith(740, 40));
        assertEquals(1, heap.collections, "50 more than what lived, dead or alive");
        assertTrue(isShortWith(781, 0));
        assertEquals(2, heap.collections);
    }

    @Test
    void aCollectionThatCameByItselfCounts() {
        heap.lived = 751;
        assertTrue(isShortWith(751, 0));
        assertEquals(0, heap.collections);
    }

    @Test
    void whoIsShortLooksNowAndThenAndComesBackAStepBelowTheBound() {
        assertTrue(isShortWith(900, 0));
        assertEquals(1, heap.collections);
        nowMs += Limits.HEAP_LOOK_MS - 1;
        assertTrue(isShortWith(500, 0));
        assertEquals(1, heap.collections, "not yet");

        nowMs++;
        assertTrue(isShortWith(710, 0));
        nowMs += Limits.HEAP_LOOK_MS;
        assertFalse(isShortWith(700, 0));
    }

    @Test
    void aChangeOfJudgementIsToldOnce() {
        heap.living = 900;
        heap.used = 900;
        assertTrue(rule.judge(BOUND, nowMs));
        assertFalse(rule.judge(BOUND, nowMs));
    }

    @Test
    void roomIsKeptForTheCopiesOfAMemberThatMayDie() {
        assertEquals(750, rule.bound(2, 2), "with one less nobody sells, and there is nothing left to take over");
        assertEquals(500, rule.bound(3, 2));
        assertEquals(600, rule.bound(5, 3));
        assertEquals(750, rule.bound(1, 2));
    }

    @Test
    void thisMachineHasAHeapThatLives() {
        Heap real = Heap.ofThisMachine();
        real.collect();

        assertTrue(real.lived() > 0);
        assertTrue(real.used() <= real.size());
    }
}
