using Hospes.Xm.Configuration;

namespace Hospes.Xm.Tests;

public sealed class SpellingGuessTests
{
    private static readonly string[] Known = [.. ConfigVariables.All.Select(variable => variable.Name)];

    [Theory]
    [InlineData("memry", "memory")]
    [InlineData("memroy", "memory")]
    [InlineData("kernal", "kernel")]
    [InlineData("vcpu", "vcpus")]
    [InlineData("on_powerof", "on_poweroff")]
    [InlineData("on_rebot", "on_reboot")]
    [InlineData("vfi", "vif")]
    [InlineData("bootlaoder", "bootloader")]
    public void Finds_what_was_meant(string name, string meant) => SpellingGuess.Nearest(name, Known).Should().Be(meant);

    [Theory]
    [InlineData("vmid")]
    [InlineData("arch")]
    [InlineData("i")]
    [InlineData("vifs")]
    [InlineData("base_dir")]
    [InlineData("disk_image_path")]
    public void Leaves_helper_names_alone(string name) => SpellingGuess.Nearest(name, Known).Should().BeNull();
}
