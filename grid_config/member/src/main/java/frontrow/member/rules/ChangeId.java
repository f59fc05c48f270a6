package frontrow.member.rules;

/**
 * The chain of change ids: each id stands for a change and all before it, so that two histories that part have different
 * ids from there on. FNV-1a over the record, begun with the former id, then the finaliser of splitmix64.
 */
final class ChangeId {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private ChangeId() {
    }

    static long next(long former, byte[] record) {
        long hash = FNV_OFFSET ^ former;
        for (byte part : record) {
            hash = (hash ^ (part & 0xFF)) * FNV_PRIME;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }
}
