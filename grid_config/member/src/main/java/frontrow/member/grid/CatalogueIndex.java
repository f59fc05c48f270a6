package frontrow.member.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import frontrow.member.rules.Tenure;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which artists, halls and events there are, and in what order they last changed: units ask for what is new since the
 * index version they know. Changed in place by {@link #touch}, which cannot fail.
 */
public final class CatalogueIndex implements Based, IdentifiedDataSerializable {
    /** Versions begin at milliseconds times this, above every version of a former life. */
    static final long VERSIONS_PER_MS = 1_000;
    private static final byte FORMAT = 2;

    private long start;
    private long version;
    private Tenure tenure = Tenure.NONE;
    private final Map<Name, Item> items = new HashMap<>();
    private final TreeMap<Long, Item> byIndexVersion = new TreeMap<>();

    /** What an item is: kind 1 artist, 2 hall, 3 event. */
    record Name(int kind, long id) {
    }

    /** A document's latest known version and the index version at which it came. */
    record Item(Name name, long documentVersion, long indexVersion) {
    }

    CatalogueIndex() {
    }

    CatalogueIndex(long start) {
        this.start = start;
        this.version = start;
    }

    /** The life of an index is its first version. */
    @Override
    public long life() {
        return start;
    }

    @Override
    public long step() {
        return version;
    }

    @Override
    public Tenure tenure() {
        return tenure;
    }

    /** It comes again with the documents that it names. */
    @Override
    public boolean isNeeded() {
        return false;
    }

    @Override
    public CatalogueIndex ledBy(Tenure by) {
        tenure = by;
        return this;
    }

    long version() {
        return version;
    }

    int size() {
        return items.size();
    }

    /** Whether {@link #touch} would change anything. */
    boolean isNews(Name name, long documentVersion) {
        Item known = items.get(name);
        return known == null || known.documentVersion < documentVersion;
    }

    void touch(Name name, long documentVersion) {
        version++;
        Item item = new Item(name, documentVersion, version);
        Item former = items.put(name, item);
        if (former != null) {
            byIndexVersion.remove(former.indexVersion);
        }
        byIndexVersion.put(version, item);
    }

    /** Everything that changed after an index version; everything, when that version is none of this life. */
    Collection<Item> since(long known) {
        boolean another = known < start || known > version;
        return another ? byIndexVersion.values() : byIndexVersion.tailMap(known, false).values();
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeByte(FORMAT);
        out.writeLong(start);
        out.writeLong(version);
        tenure.write(out);
        out.writeInt(byIndexVersion.size());
        for (Item item : byIndexVersion.values()) {
            out.writeByte(item.name.kind);
            out.writeLong(item.name.id);
            out.writeLong(item.documentVersion);
            out.writeLong(item.indexVersion);
        }
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        MemberFactory.requireFormat(in.readByte(), FORMAT, "CatalogueIndex");
        start = in.readLong();
        version = in.readLong();
        tenure = Tenure.read(in);
        for (int left = in.readInt(); left > 0; left--) {
            Item item = new Item(new Name(in.readByte(), in.readLong()), in.readLong(), in.readLong());
            items.put(item.name, item);
            byIndexVersion.put(item.indexVersion, item);
        }
    }

    @Override
    public int getFactoryId() {
        return MemberFactory.ID;
    }

    @Override
    public int getClassId() {
        return MemberFactory.CATALOGUE_INDEX;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CatalogueIndex that && start == that.start && version == that.version && items.equals(that.items);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(start * 31 + version);
    }
}
