namespace Tarn.Core.KeyValue;

/// <summary>What a store with several copies of each row also implements, for those who find that a row is intact for the store and yet not what was written.</summary>
public interface IRowRepair
{
    /// <summary>
    /// Looks for a right copy of a row. A copy of the store that has a wrong one while another has a right one is given up, and filled again from the other.
    /// </summary>
    /// <param name="key">The row.</param>
    /// <param name="isRight">Tells whether its value is right; null: there is no row.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The right value; null when there is none.</returns>
    ValueTask<byte[]?> RepairAsync(byte[] key, Func<byte[]?, bool> isRight, CancellationToken cancellationToken);
}
