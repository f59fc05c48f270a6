package frontrow.member;

import frontrow.member.rules.Limits;

/**
 * When a member is short of memory: when too much of its heap is alive. What is used tells only when to look, because most of
 * it may be dead; a look is a full collection. Between two looks the living may grow by a step, no more.
 */
final class HeapRule {
    private static final int PERCENT = 100;

    private final Heap heap;
    private boolean isShort;
    private long lookedAt;

    HeapRule(Heap heap) {
        this.heap = heap;
    }

    boolean isShort() {
        return isShort;
    }

    /**
     * Bytes that may live. While the cluster is larger than its minimum a member may die and the others go on, with its copies
     * in their heaps: room for them is kept free.
     */
    long bound(int members, int minimum) {
        long most = percent(Limits.HEAP_LIVE_PERCENT_MAX);
        return members > minimum ? most * (members - 1) / members : most;
    }

    /** Looks if it is time, and judges. Answers whether the judgement is another one than before. */
    boolean judge(long bound, long nowMs) {
        if (wantsLook(bound, nowMs)) {
            heap.collect();
            lookedAt = nowMs;
        }
        long most = isShort ? bound - percent(Limits.HEAP_STEP_PERCENT) : bound;
        boolean before = isShort;
        isShort = heap.lived() > most;
        return isShort != before;
    }

    private boolean wantsLook(long bound, long nowMs) {
        if (isShort) {
            return nowMs - lookedAt >= Limits.HEAP_LOOK_MS; // nothing else may ever collect, when nothing is sold
        }
        return heap.used() > Math.max(bound, heap.lived() + percent(Limits.HEAP_STEP_PERCENT));
    }

    private long percent(int part) {
        return heap.size() * part / PERCENT;
    }
}
