using Tarn.S3.Operations;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Pipeline;

/// <summary>The instances that serve the rows of the operation table, built once at start.</summary>
internal sealed class OperationSet
{
    private readonly IOperation?[] _byIndex = new IOperation?[OperationTable.Rows.Count];

    /// <param name="operations">The operations by the name of the row they serve. A row without one is answered with NotImplemented.</param>
    /// <exception cref="ArgumentException">A name is not in the table.</exception>
    public OperationSet(IReadOnlyDictionary<string, IOperation> operations)
    {
        foreach ((string name, IOperation operation) in operations)
        {
            _byIndex[OperationTable.ByName(name).Index] = operation;
        }
    }

    public IOperation? this[S3Operation row] => _byIndex[row.Index];
}
