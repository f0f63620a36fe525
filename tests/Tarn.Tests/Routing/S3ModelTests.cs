using Tarn.S3.Operations;
using Tarn.S3.Routing;
using Tarn.Tests.Docs;
using Tarn.Tests.Golden;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Routing;

/// <summary>The rows against S3's own model: no operation, header or parameter of S3 is missing.</summary>
public sealed class S3ModelTests
{
    /// <summary>Operations that no SDK has: one is a browser's, the other a form's.</summary>
    private static readonly string[] OfBrowsers = ["Preflight", "PostObject"];

    /// <summary>What rows accept beyond the model: HTTP's own conditions, and what Amazon's documentation or its programs have on more operations.</summary>
    private static readonly string[] Beyond =
        ["If-Match", "If-None-Match", "If-Unmodified-Since", "Content-MD5", "x-amz-sdk-checksum-algorithm", "x-amz-grant-write", "x-amz-source-expected-bucket-owner"];

    /// <summary>What nothing reads, since its subject does not exist here: docs/reference/operations.md says so.</summary>
    private static readonly string[] WithoutEffect =
    [
        "x-amz-request-payer", "x-amz-bypass-governance-retention", "x-amz-optional-object-attributes", "x-amz-object-annotation-directive",
        "x-amz-confirm-remove-self-bucket-access", "x-amz-skip-destination-validation",
    ];

    public static TheoryData<string> Built => [.. OperationTable.Rows.Select(row => row.Name).Except(OfBrowsers)];

    public static TheoryData<string> All => [.. S3Model.Operations.Select(operation => operation.Name)];

    [Fact]
    public void Every_operation_of_the_model_is_built_or_known_not_to_be()
    {
        Assert.Distinct(S3Model.Operations.Select(operation => operation.Name));
        Assert.Equal(
            S3Model.Operations.Select(operation => operation.Name).Concat(OfBrowsers).Order(StringComparer.Ordinal),
            OperationTable.Rows.Concat(NotImplementedOperations.Rows).Select(row => row.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_is_told_apart_as_in_the_model(string name)
    {
        S3Model model = S3Model.Find(name)!;
        S3Operation row = OperationTable.Rows.Concat(NotImplementedOperations.Rows).Single(row => row.Name == name);
        Assert.Equal((model.Method, model.Target), (row.Method, row.Target));
        string[] asked = [.. row.Query.Where(query => !query.StartsWith("x-id=", StringComparison.Ordinal))];
        Assert.Empty(model.Query.Except(asked));
        Assert.Empty(asked.Except(model.Query).Except(model.Parameters));
        Assert.True(row.Header is null || model.Headers.Contains(row.Header), row.Header);
    }

    [Theory]
    [MemberData(nameof(Built))]
    public void Every_header_of_the_model_is_accepted_or_refused(string name)
    {
        S3Operation row = OperationTable.ByName(name);
        HashSet<string> accepted = new(row.Headers.Concat(RequestMembers.OfAll), StringComparer.OrdinalIgnoreCase);
        foreach (string header in S3Model.Find(name)!.Headers)
        {
            bool refused = row.Refused.Find(header.Replace("*", "a", StringComparison.Ordinal)) is not null;
            Assert.True(accepted.Contains(header) != refused, $"{name}: {header} is {(refused ? "both accepted and refused" : "neither accepted nor refused")}");
        }
    }

    [Theory]
    [MemberData(nameof(Built))]
    public void Every_parameter_of_the_model_is_accepted(string name)
    {
        S3Operation row = OperationTable.ByName(name);
        Assert.Empty(S3Model.Find(name)!.Parameters.Except(row.Parameters).Except(row.Query));
    }

    [Theory]
    [MemberData(nameof(Built))]
    public void A_row_accepts_nothing_that_the_model_does_not_have(string name)
    {
        S3Operation row = OperationTable.ByName(name);
        S3Model model = S3Model.Find(name)!;
        Assert.Empty(row.Headers.Except(model.Headers, StringComparer.OrdinalIgnoreCase).Except(Beyond));
        Assert.Empty(row.Parameters.Except(model.Parameters));
        Assert.Distinct(row.Headers);
    }

    [Fact]
    public void What_is_accepted_is_read_somewhere()
    {
        string source = string.Concat(
            Directory.EnumerateFiles(Path.Combine(RepositoryLayout.Root, "src/Tarn.S3"), "*.cs", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) != "Routing")
                .Select(File.ReadAllText));
        string[] names =
        [
            .. OperationTable.Rows.SelectMany(row => row.Headers.Concat(row.Parameters).Append(row.Header ?? "versionId")).Concat(RequestMembers.OfAll).Distinct(),
        ];
        Assert.All(
            names.Except(WithoutEffect).Except(RequestMembers.OfAll.Where(name => name.StartsWith("x-amz-checksum-", StringComparison.Ordinal))),
            name => Assert.True(IsRead(source, name), name));
        Assert.Empty(WithoutEffect.Except(names));
    }

    [Fact]
    public void What_has_no_effect_is_documented()
    {
        string page = Pages.Read("docs/reference/operations.md");
        Assert.All(WithoutEffect, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    /// <summary>By its text, or as ASP.NET Core's property for it.</summary>
    private static bool IsRead(string source, string name) =>
        source.Contains($"\"{name.TrimEnd('*')}\"", StringComparison.OrdinalIgnoreCase)
        || source.Contains($".{name.Replace("-", "", StringComparison.Ordinal)}", StringComparison.Ordinal);
}
