namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>What a member of a setting holds.</summary>
internal enum MemberKind
{
    Text,
    Number,
    Flag,

    /// <summary>Members of its own.</summary>
    Object,

    /// <summary>The type of a grantee, which XML has as an attribute.</summary>
    Type,

    /// <summary>A header of the request and of the answer, beside the document.</summary>
    Header,

    /// <summary>A text that servers add for people: accepted, and left out.</summary>
    Remark,
}

/// <summary>A member of a setting in its two forms: JSON as the AWS CLI has it, and an element of S3's XML.</summary>
/// <param name="Json">Its name in JSON.</param>
/// <param name="Xml">Its element, or its header.</param>
/// <param name="Kind">What it holds.</param>
internal sealed record SettingMember(string Json, string Xml, MemberKind Kind)
{
    /// <summary>The members of an object.</summary>
    public IReadOnlyList<SettingMember> Members { get; private init; } = [];

    /// <summary>The texts that it may be; empty: any.</summary>
    public IReadOnlyList<string> Choices { get; private init; } = [];

    /// <summary>Whether it must be there.</summary>
    public bool IsRequired { get; private init; }

    /// <summary>Whether it is an array in JSON, and an element for each item in XML.</summary>
    public bool IsList { get; private init; }

    /// <summary>How few items a list may have.</summary>
    public int Least { get; private init; }

    /// <summary>How many items a list may have.</summary>
    public int Most { get; private init; } = int.MaxValue;

    /// <summary>Which of the members of an object must be there, by the value of another, and exclude each other; null: no such rule.</summary>
    public (string By, IReadOnlyDictionary<string, string> Needed)? Choice { get; private init; }

    /// <summary>The element around the items of a list; null: they follow one another.</summary>
    public string? Around { get; private init; }

    /// <summary>The order of a list whose items have none for S3; null: the order counts.</summary>
    public IReadOnlyList<string>? SortedBy { get; private init; }

    /// <summary>What is said where it is missing, or is an empty text; null: only that it is missing, and it may be empty.</summary>
    public string? Why { get; private init; }

    public static SettingMember Text(string name, params string[] choices) => new(name, name, MemberKind.Text) { Choices = choices };

    public static SettingMember Number(string name) => new(name, name, MemberKind.Number);

    public static SettingMember Flag(string name) => new(name, name, MemberKind.Flag);

    public static SettingMember Remark(string name) => new(name, name, MemberKind.Remark);

    public static SettingMember Type(params string[] choices) => new("Type", "type", MemberKind.Type) { Choices = choices, IsRequired = true };

    public static SettingMember Header(string name, string header, params string[] choices) => new(name, header, MemberKind.Header) { Choices = choices };

    public static SettingMember Of(string name, params SettingMember[] members) => new(name, name, MemberKind.Object) { Members = members };

    /// <summary>This member as an array, whose name in JSON is another than that of its elements.</summary>
    /// <param name="json">The name of the array.</param>
    /// <param name="around">The element around its items.</param>
    public SettingMember Many(string json, string? around = null) => this with { Json = json, IsList = true, Around = around };

    public SettingMember Required(string? why = null) => this with { IsRequired = true, Why = why };

    /// <summary>This array with so many items.</summary>
    public SettingMember Counted(int least, int most = int.MaxValue) => this with { Least = least, Most = most };

    /// <summary>This object with one member by the value of another, and without those of the other values.</summary>
    public SettingMember With(string by, params (string Value, string Member)[] needed) =>
        this with { Choice = (by, needed.ToDictionary(static pair => pair.Value, static pair => pair.Member, StringComparer.Ordinal)) };

    /// <summary>This array with its items in the order of their members.</summary>
    public SettingMember Sorted(params string[] by) => this with { SortedBy = by };
}
