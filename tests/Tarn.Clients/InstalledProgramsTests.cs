using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;
using Xunit.Sdk;

namespace Tarn.Clients;

/// <summary>Which programs the client tests run, and what happens to a test whose program is missing.</summary>
public sealed class InstalledProgramsTests
{
    [Fact]
    public void The_distributions_program_and_the_first_other_one_are_run()
    {
        using var first = new TemporaryDirectory("programs");
        using var second = new TemporaryDirectory("programs");
        string[] names = [Path.Combine(first.FullPath, "env"), Path.Combine(second.FullPath, "env"), Path.Combine(second.FullPath, "only")];
        Array.ForEach(names, name => File.WriteAllText(name, ""));
        string path = $"{first.FullPath}:{second.FullPath}:/usr/bin:/bin";
        Assert.Equal(["/usr/bin/env", names[0]], InstalledPrograms.All("env", path));
        Assert.Equal([names[2]], InstalledPrograms.All("only", path));
        Assert.Equal(["/usr/bin/env"], InstalledPrograms.All("env", "/usr/bin:/bin"));
        Assert.Equal(["none"], InstalledPrograms.All("none", path));
    }

    [Fact]
    public void What_is_missing_fails_unless_it_cannot_be_had()
    {
        const string Name = "no-such-program";
        Assert.Contains(Name, Assert.Throws<FailException>(() => InstalledPrograms.Need(Name)).Message, StringComparison.Ordinal);
        Assert.False(InstalledPrograms.CannotBeHad(Name, "no-such-program-2 other"));
        Assert.True(InstalledPrograms.CannotBeHad(Name, $"other {Name}"));
    }
}
