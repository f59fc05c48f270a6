package frontrow.member.rules;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the wire's little-endian primitives from a window of an array; {@link MalformedException} where it ends too early.
 * Counts are checked against what is left before anything is allocated for them.
 */
public final class WireReader {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int at;

    public WireReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private WireReader(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    public int u8() {
        return bytes[take(1)] & 0xFF;
    }

    public int u16() {
        return (short) SHORTS.get(bytes, take(Short.BYTES)) & 0xFFFF;
    }

    public int i32() {
        return (int) INTS.get(bytes, take(Integer.BYTES));
    }

    public long i64() {
        return (long) LONGS.get(bytes, take(Long.BYTES));
    }

    public Wide wide() {
        return new Wide(i64(), i64());
    }

    public boolean flag() {
        return u8() != 0;
    }

    public String text() {
        int length = u16();
        return new String(bytes, take(length), length, StandardCharsets.UTF_8);
    }

    /** A u32 that counts things of at least {@code size} bytes each, all of which must still be there. */
    public int count(int size) {
        int count = i32();
        if (count < 0 || (long) count * size > remaining()) {
            throw new MalformedException(count + " things of " + size + " bytes in " + remaining());
        }
        return count;
    }

    /** {@code bytes} with its u32 length, copied. */
    public byte[] blob() {
        return raw(count(1));
    }

    public byte[] raw(int length) {
        int from = take(length);
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    /** {@code bytes} with its u32 length, to be read in place. */
    public WireReader part() {
        int length = count(1);
        int from = take(length);
        return new WireReader(bytes, from, from + length);
    }

    /** What is left, copied. */
    public byte[] rest() {
        return raw(remaining());
    }

    public int remaining() {
        return end - at;
    }

    /** Nothing may follow. */
    public void end() {
        if (at != end) {
            throw new MalformedException(remaining() + " bytes too many");
        }
    }

    private int take(int length) {
        int from = at;
        if (length > end - from) {
            throw new MalformedException(length + " bytes wanted, " + remaining() + " left");
        }
        at = from + length;
        return from;
    }
}
