package frontrow.member;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleListener;
import frontrow.member.grid.Belongings;
import frontrow.member.grid.Belongings.Belonging;
import frontrow.member.grid.BroughtProcessor;
import frontrow.member.grid.Copy;
import frontrow.member.grid.Doubt;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A member that was apart from the others joins them again, empty: what it had it takes in hand before, and brings it afterwards
 * to those who own the entries then. Not by Hazelcast's own merge, which gives everything up at the first copy whose backup is on
 * its way to another member at that moment; partitions always are when a member comes.
 */
final class Homecoming implements LifecycleListener {
    private static final int AT_ONCE = 4; // serialised copies under way: a large hall is some megabytes
    private static final long TRY_AGAIN_NANOS = 100_000_000;
    private static final long SECONDS_MAX = 60; // others wait for it

    private final HazelcastInstance member;
    private final Doubt doubt;
    private volatile Queue<Belonging> inHand = new ConcurrentLinkedQueue<>();

    Homecoming(HazelcastInstance member) {
        this.member = member;
        this.doubt = Doubt.of(member);
    }

    /** Hazelcast goes on when this returns: with forgetting everything, or when it has joined. */
    @Override
    public void stateChanged(LifecycleEvent event) {
        switch (event.getState()) {
            case MERGING -> {
                doubt.leave();
                Queue<Belonging> packed = packed();
                packed.addAll(inHand); // of a homecoming that was not over
                inHand = packed;
            }
            case MERGED, MERGE_FAILED -> {
                Queue<Belonging> packed = inHand;
                Thread bringing = new Thread(() -> bring(packed), "homecoming");
                bringing.setDaemon(true);
                bringing.start();
            }
            default -> { }
        }
    }

    private Queue<Belonging> packed() {
        try {
            return Belongings.of(member);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return new ConcurrentLinkedQueue<>();
        }
    }

    private void bring(Queue<Belonging> packed) {
        AtomicInteger compared = new AtomicInteger();
        AtomicInteger brought = new AtomicInteger();
        if (!doubt.counts(member)) {
            packed.clear(); // enough others were there, and may have sold since
        }
        CountDownLatch done = new CountDownLatch(AT_ONCE);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        for (int number = 0; number < AT_ONCE; number++) {
            Thread carrier = new Thread(() -> {
                try {
                    for (Belonging next = packed.poll(); next != null; next = packed.poll()) {
                        brought.incrementAndGet();
                        compared.addAndGet(isCompared(next, packed, deadline) ? 1 : 0);
                    }
                } finally {
                    done.countDown();
                }
            }, "homecoming-" + number);
            carrier.setDaemon(true);
            carrier.start();
        }
        try {
            done.await();
        } catch (InterruptedException ending) {
            return;
        }
        Log.info("came_home", Map.of("brought", brought.get(), "compared", compared.get()));
        if (packed == inHand) {
            doubt.isBack();
        }
    }

    /** Tried until it is at its place. One that is still in hand when this member was apart once more comes with the next homecoming. */
    private boolean isCompared(Belonging belonging, Queue<Belonging> packed, long deadline) {
        while (packed == inHand) {
            try {
                return member.<Object, Copy>getMap(belonging.map())
                        .executeOnKey(belonging.key(), BroughtProcessor.of(belonging.copy()));
            } catch (RuntimeException notNow) {
                if (System.nanoTime() > deadline) {
                    Log.alarm("copy_lost", Map.of("map", belonging.map(), "key", String.valueOf(belonging.key()),
                            "reason", String.valueOf(notNow.getMessage())));
                    return false;
                }
            }
            LockSupport.parkNanos(TRY_AGAIN_NANOS);
        }
        inHand.add(belonging);
        return false;
    }
}
