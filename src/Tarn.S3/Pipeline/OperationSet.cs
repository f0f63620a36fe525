using Microsoft.Extensions.DependencyInjection;
using Tarn.S3.Operations;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Sts;

namespace Tarn.S3.Pipeline;

/// <summary>The handlers of the operation table's rows, created once at start.</summary>
internal sealed class OperationSet
{
    private readonly OperationHandler?[] _byIndex = new OperationHandler?[OperationTable.Rows.Count];
    private readonly OperationHandler? _sts;

    /// <param name="operations">The operations by the row they serve. A row without one is answered with NotImplemented.</param>
    /// <param name="authenticator">Authenticates the requests of operations that do not do so themselves.</param>
    /// <param name="authorizer">Authorizes them.</param>
    /// <param name="sts">Serves the operations of <see cref="StsOperations"/>; null: none.</param>
    public OperationSet(
        IEnumerable<KeyValuePair<S3Operation, IOperation>> operations, IRequestAuthenticator authenticator, IRequestAuthorizer authorizer,
        ISelfAuthorizingOperation? sts = null)
    {
        _sts = sts is null ? null : new OperationHandler(sts, sts, sts);
        foreach ((S3Operation row, IOperation operation) in operations)
        {
            if (row.Authorization == OperationAuthorization.Itself)
            {
                var own = (ISelfAuthorizingOperation)operation;
                _byIndex[row.Index] = new OperationHandler(own, own, own);
            }
            else
            {
                _byIndex[row.Index] = new OperationHandler(operation, authenticator, authorizer);
            }
        }
    }

    public OperationHandler? this[S3Operation row] => StsOperations.Contains(row) ? _sts : _byIndex[row.Index];

    /// <summary>Creates the handlers for all rows of the table.</summary>
    public static OperationSet Create(IServiceProvider provider) => new(
        OperationTable.Rows.Zip(OperationTable.Served, (row, served) => KeyValuePair.Create(row, served.Create(provider))),
        provider.GetRequiredService<IRequestAuthenticator>(),
        provider.GetRequiredService<IRequestAuthorizer>(),
        provider.GetRequiredService<StsService>());
}
