package frontrow.member.rules;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Under whom an entry came to where it is. Of two copies the one of the later tenure, and within one the longer, has all that was
 * acknowledged from either: within a tenure one owner acts, and whoever is promoted has a later table of partitions than the
 * one he follows, however late that one notices. (Not the time of his first act: one that is cut off acts last.)
 *
 * @param era unix ms at which the entry was made; one more wherever copies were compared, or it is led on under a table that is not
 *     later: members that were apart have counted their tables each by itself
 * @param table the version of the partition's line in the owner's table when it acted first
 * @param owner stands for the member
 */
public record Tenure(long era, long table, long owner) {
    public static final Tenure NONE = new Tenure(0, 0, 0);

    public static final int BYTES = 3 * Long.BYTES;

    /** Who is to act now, under which table. */
    public record Constellation(long table, long owner) {
    }

    /** The tenure in which an owner acts on what has this one; the same one as long as nothing has changed. {@code now}: unix ms. */
    public Tenure led(Constellation by, long now) {
        if (table == by.table && owner == by.owner && era != 0) {
            return this;
        }
        if (era == 0) {
            return new Tenure(now, by.table, by.owner);
        }
        return new Tenure(by.table > table ? era : era + 1, by.table, by.owner);
    }

    /** Of what two copies with these tenures come to: whoever acts next begins a later one than any that follows either. */
    public static Tenure after(Tenure one, Tenure other) {
        return new Tenure(Math.max(one.era, other.era) + 1, 0, 0);
    }

    public static Tenure read(WireReader in) {
        return new Tenure(in.i64(), in.i64(), in.i64());
    }

    public static Tenure read(DataInput in) throws IOException {
        return new Tenure(in.readLong(), in.readLong(), in.readLong());
    }

    public WireWriter write(WireWriter out) {
        return out.i64(era).i64(table).i64(owner);
    }

    public void write(DataOutput out) throws IOException {
        out.writeLong(era);
        out.writeLong(table);
        out.writeLong(owner);
    }
}
