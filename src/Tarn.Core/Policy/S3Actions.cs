using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Policy;

/// <summary>The names of actions and the resources that they apply to.</summary>
public static class S3Actions
{
    private static readonly S3Action[] Actions = Enum.GetValues<S3Action>();
    private static readonly string[] Names = [.. Actions.Select(action => $"s3:{action}")];
    private static readonly FrozenDictionary<string, S3Action> ByName = Actions.ToFrozenDictionary(action => action.Name(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Every action that a request of this server can need.</summary>
    public static IReadOnlyList<S3Action> All => Actions;

    /// <summary>The name in policies, such as <c>s3:GetObject</c>.</summary>
    public static string Name(this S3Action action) => Names[(int)action];

    /// <summary>The kind of resource that the action applies to.</summary>
    public static S3ResourceKinds Kind(this S3Action action) => action switch
    {
        S3Action.ListAllMyBuckets => S3ResourceKinds.Service,
        < S3Action.GetObject => S3ResourceKinds.Bucket,
        _ => S3ResourceKinds.Object,
    };

    /// <summary>Parses a name, ignoring case; false for a name that no operation here needs.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out S3Action action)
    {
        action = default;
        return name is not null && ByName.TryGetValue(name, out action);
    }
}
