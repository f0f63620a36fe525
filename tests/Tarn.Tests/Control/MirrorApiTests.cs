using Tarn.Core.Mirroring;
using Tarn.Server.Control.Tarn;
using Tarn.Tests.Mirroring;
using MirrorView = Tarn.Server.Control.Tarn.MirrorView;

namespace Tarn.Tests.Control;

/// <summary><c>/api/mirror</c>; what it answers with a mirror is also asked of the real server.</summary>
public sealed class MirrorApiTests
{
    [Fact]
    public async Task Without_a_mirror_there_is_none_and_only_the_servers_root_user_learns_that()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        Assert.Contains("has no mirror", await server.RefusalAsync(404, ControlServer.Root, "GET", "/api/mirror"), StringComparison.Ordinal);
        Assert.Contains("has no mirror", await server.RefusalAsync(404, ControlServer.Root, "POST", "/api/mirror/retry"), StringComparison.Ordinal);
        Signer other = await server.OrganizationAsync("acme");
        await server.RefusalAsync(403, other, "GET", "/api/mirror");
        await server.RefusalAsync(403, other, "POST", "/api/mirror/retry");
    }

    [Fact]
    public async Task The_state_of_each_side_is_shown_and_why_one_is_lost()
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        Assert.True(MirrorView.Of(mirror.Mirror).IsWhole);
        mirror.Other.Broken = new IOException("gone");
        await mirror.PutAsync("a", "1");
        MirrorView view = MirrorView.Of(mirror.Mirror);
        Assert.False(view.IsWhole);
        Assert.Equal([("data", "whole", null), ("mirror", "lost", "gone")], view.Sides.Select(static side => (side.Directory, side.State, side.Cause)));
        Assert.Null(MirrorSideView.Of(new MirrorSideStatus("d", MirrorSideState.Whole, default, null)).RowsCompared);
        Assert.Equal(7, MirrorSideView.Of(new MirrorSideStatus("d", MirrorSideState.Filling, new MirrorProgress { Rows = 7 }, null)).RowsCompared);
    }
}
