package frontrow.member;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;

/** The part of the heap where what lives long stands. All in bytes. */
interface Heap {
    long size();

    /** Living and dead together, now. */
    long used();

    /** What was alive after the latest full collection; 0 before the first. */
    long lived();

    /** Collects everything: a pause as long as what lives is large, 0.2 s for 100 MiB. */
    void collect();

    /**
     * The old generation of this virtual machine. With the serial collector, which members run with, only full collections
     * look at it, so its usage after a collection is what lives.
     */
    static Heap ofThisMachine() {
        MemoryPoolMXBean old = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported()) // young ones do not
                .findFirst().orElseThrow();
        return new Heap() {
            @Override
            public long size() {
                return old.getUsage().getMax();
            }

            @Override
            public long used() {
                return old.getUsage().getUsed();
            }

            @Override
            public long lived() {
                return old.getCollectionUsage().getUsed();
            }

            @Override
            public void collect() {
                System.gc();
            }
        };
    }
}
