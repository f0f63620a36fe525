using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;
using Tarn.S3.Operations;

namespace Tarn.Tests.Policy;

public sealed class S3ActionTests
{
    [Fact]
    public void Every_operation_needs_actions_that_policies_can_name() => Assert.All(
        OperationTable.Rows.SelectMany(row => new[] { row.Action, row.VersionAction, row.AwsAction, row.AwsVersionAction }).Where(name => !string.IsNullOrEmpty(name)),
        name => Assert.True(S3Actions.TryParse(name, out _), name));

    [Fact]
    public void A_set_has_a_bit_for_each() => Assert.InRange(S3Actions.All.Count, 1, 128);

    [Fact]
    public void A_name_is_the_action_again_whatever_its_case() => Assert.All(S3Actions.All, action =>
    {
        Assert.True(S3Actions.TryParse(action.Name().ToUpperInvariant(), out S3Action parsed));
        Assert.Equal(action, parsed);
    });

    [Theory]
    [InlineData(S3Action.ListAllMyBuckets, S3ResourceKinds.Service)]
    [InlineData(S3Action.CreateBucket, S3ResourceKinds.Bucket)]
    [InlineData(S3Action.PutBucketCORS, S3ResourceKinds.Bucket)]
    [InlineData(S3Action.GetObject, S3ResourceKinds.Object)]
    [InlineData(S3Action.ListMultipartUploadParts, S3ResourceKinds.Object)]
    public void Kinds(S3Action action, S3ResourceKinds kind) => Assert.Equal(kind, action.Kind());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("s3:GetObjects")]
    [InlineData("GetObject")]
    [InlineData("s3:ReplicateObject")]
    public void Not_an_action_here(string? name) => Assert.False(S3Actions.TryParse(name, out _));

    [Fact]
    public void A_pattern_takes_all_that_it_fits()
    {
        Assert.True(ActionPattern.TryResolve("S3:*LIFECYCLECONFIGURATION", out ActionPattern pattern));
        Assert.Equal(
            [S3Action.GetLifecycleConfiguration, S3Action.PutLifecycleConfiguration, S3Action.DeleteLifecycleConfiguration],
            S3Actions.All.Where(pattern.Actions.Contains));
        Assert.True(ActionPattern.TryResolve("*", out pattern));
        Assert.Equal(ActionSet.All, pattern.Actions);
        Assert.Equal(S3Actions.All.Count, S3Actions.All.Count(pattern.Actions.Contains));
        Assert.Equal(default, ~pattern.Actions);
    }
}
