package frontrow.member.grid;

import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/** Makes everything that crosses the grid from its class id; the Python twins carry the same ids (processors.py). */
public final class MemberFactory implements DataSerializableFactory {
    public static final int ID = 1;

    public static final int INVENTORY_PROCESSOR = 1;
    public static final int DOCUMENT_PROCESSOR = 2;
    public static final int ATTEMPTS_PROCESSOR = 3;
    public static final int HINTS_TASK = 4;
    public static final int SELF_TEST_TASK = 5;
    public static final int BROUGHT_TASK = 6;
    public static final int BROUGHT_PROCESSOR = 7;
    public static final int INVENTORY = 10;
    public static final int DOCUMENT = 11;
    public static final int CATALOGUE_INDEX = 12;
    public static final int ATTEMPTS_LOG = 13;
    public static final int INVENTORY_BACKUP = 20;
    public static final int DOCUMENT_BACKUP = 21;
    public static final int ATTEMPTS_BACKUP = 22;

    @Override
    public IdentifiedDataSerializable create(int classId) {
        return switch (classId) {
            case INVENTORY_PROCESSOR -> new InventoryProcessor();
            case DOCUMENT_PROCESSOR -> new DocumentProcessor();
            case ATTEMPTS_PROCESSOR -> new AttemptsProcessor();
            case HINTS_TASK -> new HintsTask();
            case SELF_TEST_TASK -> new SelfTestTask();
            case BROUGHT_TASK -> new BroughtTask();
            case BROUGHT_PROCESSOR -> new BroughtProcessor();
            case INVENTORY -> new InventoryEntry();
            case DOCUMENT -> new Document();
            case CATALOGUE_INDEX -> new CatalogueIndex();
            case ATTEMPTS_LOG -> new AttemptsLog();
            case INVENTORY_BACKUP -> new InventoryBackup();
            case DOCUMENT_BACKUP -> new DocumentBackup();
            case ATTEMPTS_BACKUP -> new AttemptsBackup();
            default -> throw new IllegalArgumentException("no class " + classId + " in factory " + ID);
        };
    }

    /** Values and messages begin with their format: one that this member does not speak is never guessed at. */
    static void requireFormat(byte format, byte spoken, String what) throws IOException {
        if (format != spoken) {
            throw new IOException(what + " has format " + format + ", this member speaks " + spoken);
        }
    }
}
