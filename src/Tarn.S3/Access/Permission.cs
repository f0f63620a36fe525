using Tarn.Core.Policy;
using Tarn.S3.Routing;

namespace Tarn.S3.Access;

/// <summary>The permission that a request needs.</summary>
/// <param name="Action">The action, as policies name it.</param>
/// <param name="Alternative">AWS's name for the permission, where it differs.</param>
internal readonly record struct Permission(S3Action Action, S3Action? Alternative = null)
{
    private static readonly (Permission Plain, Permission Versioned)[] ByOperation =
        [.. OperationTable.Rows.Select(static row => row.Action.Length == 0 ? default : (Of(row.Action, row.AwsAction), Of(row.VersionAction ?? row.Action, row.AwsVersionAction ?? row.AwsAction)))];

    /// <summary>The permission that an operation needs.</summary>
    /// <param name="operation">A row of the table.</param>
    /// <param name="versioned">Whether the request names a version.</param>
    public static Permission For(S3Operation operation, bool versioned) =>
        versioned ? ByOperation[operation.Index].Versioned : ByOperation[operation.Index].Plain;

    /// <summary>
    /// The permission for an action name. For a name that is only AWS's alternative, the permission of the operation that has that alternative.
    /// </summary>
    public static Permission Named(S3Action action)
    {
        foreach ((Permission plain, Permission versioned) in ByOperation)
        {
            if (plain.Alternative == action)
            {
                return plain;
            }

            if (versioned.Alternative == action)
            {
                return versioned;
            }
        }

        return new Permission(action);
    }

    private static Permission Of(string action, string? alternative) => new(Parse(action), alternative is null ? null : Parse(alternative));

    private static S3Action Parse(string name) =>
        S3Actions.TryParse(name, out S3Action action) ? action : throw new InvalidOperationException($"There is no action {name}.");
}
