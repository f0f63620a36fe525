using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// What a name in Action or NotAction stands for, wildcards included. Case does not matter.
/// Source: IAM User Guide, "IAM JSON policy elements: Action".
/// </summary>
/// <param name="Actions">The actions that requests here can need; none for names that only AWS has a use for.</param>
/// <param name="Kinds">The kinds of resource that the named actions are about; none when nothing has the name.</param>
internal readonly record struct ActionPattern(ActionSet Actions, S3ResourceKinds Kinds)
{
    private static readonly (byte[] Name, ActionSet Actions, S3ResourceKinds Kinds)[] Known =
    [
        .. S3Actions.All.Select(action => (Fold(action.Name()), ActionSet.Of(action), action.Kind())),
        .. ForeignActions.All.Select(foreign => (Fold(foreign.Name), default(ActionSet), foreign.Kind)),
    ];

    /// <summary>False when no action has such a name.</summary>
    public static bool TryResolve(string pattern, out ActionPattern result)
    {
        byte[] folded = Wildcard.Tokens(pattern.ToLowerInvariant());
        ActionSet actions = default;
        S3ResourceKinds kinds = S3ResourceKinds.None;
        foreach ((byte[] name, ActionSet own, S3ResourceKinds kind) in Known)
        {
            if (Wildcard.IsMatch(folded, name))
            {
                actions |= own;
                kinds |= kind;
            }
        }

        result = new ActionPattern(actions, kinds);
        return kinds != S3ResourceKinds.None;
    }

    private static byte[] Fold(string name) => System.Text.Encoding.ASCII.GetBytes(name.ToLowerInvariant());
}
