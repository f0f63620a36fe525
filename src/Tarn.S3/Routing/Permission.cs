using Tarn.Core.Policy;

namespace Tarn.S3.Routing;

/// <summary>The permission that a request needs.</summary>
/// <param name="Action">The action, as policies name it.</param>
/// <param name="Alternative">AWS's name for the permission, where it differs.</param>
internal readonly record struct Permission(S3Action Action, S3Action? Alternative = null)
{
    /// <summary>The permission of these names.</summary>
    /// <exception cref="InvalidOperationException">There is no such action.</exception>
    public static Permission Of(string action, string? alternative) => new(Parse(action), alternative is null ? null : Parse(alternative));

    private static S3Action Parse(string name) =>
        S3Actions.TryParse(name, out S3Action action) ? action : throw new InvalidOperationException($"There is no action {name}.");
}
