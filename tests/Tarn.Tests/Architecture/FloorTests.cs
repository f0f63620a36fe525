namespace Tarn.Tests.Architecture;

public sealed class FloorTests
{
    public static TheoryData<string> Projects => [.. Floors.Of.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_folder_uses_one_that_is_above_it(string project)
    {
        string[] floors = Floors.Of[project];
        string[] up =
        [
            .. Read(project).Arrows
                .Where(arrow => Array.IndexOf(floors, arrow.From) < Array.IndexOf(floors, arrow.To))
                .Select(arrow => $"{arrow.From} -> {arrow.To}: {string.Join(", ", arrow.Types.Take(5))}"),
        ];
        Assert.True(up.Length == 0, string.Join('\n', up));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_circle_runs_between_folders(string project)
    {
        string[] circles = [.. Read(project).Circles()];
        Assert.True(circles.Length == 0, string.Join('\n', circles));
    }

    /// <summary>Nor when a folder is taken with all that is below it.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void No_circle_runs_between_top_folders(string project)
    {
        string[] circles = [.. Read(project).OfTopFolders().Circles()];
        Assert.True(circles.Length == 0, string.Join('\n', circles));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_folder_has_a_floor_and_every_floor_a_folder(string project) =>
        Assert.Equal(Floors.Of[project].Order(StringComparer.Ordinal), Read(project).Folders.Order(StringComparer.Ordinal));

    private static FolderGraph Read(string project)
    {
        // The program's assembly has the program's name.
        string file = project == "Tarn.Server" ? "tarn.dll" : $"{project}.dll";
        return FolderGraph.Read(Path.Combine(AppContext.BaseDirectory, file), project);
    }
}
