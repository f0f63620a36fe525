using Tarn.Core.Policy;
using Tarn.Core.Policy.Decisions;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Docs;

public sealed class PolicyPageTests
{
    private const string Page = "docs/reference/policies.md";

    [Fact]
    public void The_reference_lists_exactly_the_actions_there_are() => Assert.Equal(
        S3Actions.All.Select(action => $"`{action.Name()}` {action.Kind().ToString().ToLowerInvariant()}"),
        Pages.Table(Page, "| Action").Select(cells => $"{cells[0]} {cells[1]}"));

    [Fact]
    public void The_reference_lists_exactly_the_operators_there_are() => Assert.Equal(
        ConditionOperator.ByName.Keys.Select(name => $"`{name}`").Order(StringComparer.Ordinal),
        FirstCells("| Operator"));

    [Fact]
    public void The_reference_lists_exactly_the_condition_keys_there_are() => Assert.Equal(
        ConditionKeys.ByName.Keys.Select(name => name.EndsWith('/') ? $"`{name}KEY`" : $"`{name}`").Order(StringComparer.Ordinal),
        FirstCells("| Condition key"));

    [Fact]
    public void Its_examples_are_policies()
    {
        string[] examples = [.. Pages.Read(Page).Split("```json").Skip(1).Select(part => part.Split("```")[0].Trim())];
        Assert.Equal(3, examples.Length);
        BucketPolicy.Parse(System.Text.Encoding.UTF8.GetBytes(examples[0]), Core.Model.BucketName.FromStorage("data"));
        Assert.Equal("readers", OrganizationPolicy.Parse(System.Text.Encoding.UTF8.GetBytes(examples[1]), "acme").Name);
        Assert.Equal("uploads", IdentityPolicy.Parse(System.Text.Encoding.UTF8.GetBytes(examples[2])).Id);
    }

    private static IEnumerable<string> FirstCells(string header) => Pages.Table(Page, header).Select(cells => cells[0]).Order(StringComparer.Ordinal);
}
