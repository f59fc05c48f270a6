package frontrow.member.grid;

/**
 * A backup message does not fit onto this copy: one before it was lost. The message is not confirmed, its caller hears
 * <em>unknown</em>, and Hazelcast copies the entry anew within a second (architecture: what goes to the backup).
 */
final class BackupMismatchException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    BackupMismatchException(String message) {
        super(message);
    }
}
