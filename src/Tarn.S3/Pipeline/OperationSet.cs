using Tarn.S3.Operations;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Pipeline;

/// <summary>The instances that serve the rows of the operation table, created once at start.</summary>
internal sealed class OperationSet
{
    private readonly IOperation?[] _byIndex = new IOperation?[OperationTable.Rows.Count];

    /// <param name="operations">The operations by the row they serve. A row without one is answered with NotImplemented.</param>
    public OperationSet(IEnumerable<KeyValuePair<S3Operation, IOperation>> operations)
    {
        foreach ((S3Operation row, IOperation operation) in operations)
        {
            _byIndex[row.Index] = operation;
        }
    }

    public IOperation? this[S3Operation row] => _byIndex[row.Index];

    /// <summary>Creates the instances for all rows of the table.</summary>
    public static OperationSet Create(IServiceProvider provider) =>
        new(OperationTable.Rows.Zip(OperationTable.Served, (row, served) => KeyValuePair.Create(row, served.Create(provider))));
}
