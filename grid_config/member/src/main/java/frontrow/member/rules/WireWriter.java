package frontrow.member.rules;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the wire's little-endian primitives into an array that grows. Lengths known only later are filled in by {@link #endPart}. */
public final class WireWriter {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int at;

    public WireWriter(int size) {
        bytes = new byte[size];
    }

    public WireWriter u8(int number) {
        int from = room(1); // first: it may replace the array
        bytes[from] = (byte) number;
        return this;
    }

    public WireWriter u16(int number) {
        int from = room(Short.BYTES);
        SHORTS.set(bytes, from, (short) number);
        return this;
    }

    public WireWriter i32(int number) {
        int from = room(Integer.BYTES);
        INTS.set(bytes, from, number);
        return this;
    }

    public WireWriter i64(long number) {
        int from = room(Long.BYTES);
        LONGS.set(bytes, from, number);
        return this;
    }

    public WireWriter wide(Wide wide) {
        return i64(wide.first()).i64(wide.second());
    }

    public WireWriter flag(boolean flag) {
        return u8(flag ? 1 : 0);
    }

    public WireWriter text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return u16(utf8.length).raw(utf8);
    }

    /** {@code bytes} with a u32 length. */
    public WireWriter blob(byte[] blob) {
        return i32(blob.length).raw(blob);
    }

    public WireWriter raw(byte[] part) {
        int from = room(part.length);
        System.arraycopy(part, 0, bytes, from, part.length);
        return this;
    }

    /** Leaves room for a u32 length; give what this answers to {@link #endPart}. */
    public int beginPart() {
        i32(0);
        return at;
    }

    public void endPart(int begun) {
        INTS.set(bytes, begun - Integer.BYTES, at - begun);
    }

    /** Fills in a number written before. */
    void patch32(int position, int number) {
        INTS.set(bytes, position, number);
    }

    void patch64(int position, long number) {
        LONGS.set(bytes, position, number);
    }

    public byte[] done() {
        return at == bytes.length ? bytes : Arrays.copyOf(bytes, at);
    }

    private int room(int length) {
        int from = at;
        int to = Math.addExact(from, length);
        if (to > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(to, bytes.length + (bytes.length >> 1) + 64));
        }
        at = to;
        return from;
    }
}
