/**
 * The rule book of one inventory, in plain Java: nothing here knows Hazelcast.
 *
 * <pre>
 *   request ─▶ Batch ── per command ─▶ decide (looks, never touches) ─▶ Decision: outcome, step
 *                                                                          │
 *              owner:   Step.apply(inventory) ◀────────────────────────────┤ (cannot fail, deterministic)
 *              backup:  BackupMessage.apply(inventory) ◀── the same bytes ─┘ (checks its base before it touches anything)
 * </pre>
 *
 * <p>Values stand in the grid as objects and are mutated in place, so an exception half-way would leave its damage behind:
 * hence everything that can fail (decoding, deciding, building what a restore brings) happens before anything is touched.
 */
package frontrow.member.rules;
