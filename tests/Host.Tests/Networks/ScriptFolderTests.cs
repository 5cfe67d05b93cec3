using Hospes.Host.Networks;

namespace Hospes.Host.Tests.Networks;

/// <summary>Scripts from the scripts folder that do not do as they should.</summary>
public sealed class ScriptFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hospes-scripts-").FullName;
    private readonly ScriptFolder _folder;

    public ScriptFolderTests() => _folder = Folder(TimeSpan.FromMinutes(1));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task One_that_succeeds_says_nothing()
    {
        Write("good", "test \"$1 $2 $vif $XENBUS_PATH\" = 'online a=b vif1.0 backend/vif/1/0'");
        await _folder.RunVifAsync(ScriptLine.Parse("good a=b"), "online", "vif1.0", "/local/domain/0/backend/vif/1/0", CancellationToken.None);
    }

    [Fact]
    public async Task One_that_fails_is_quoted()
    {
        Write("bad", "echo 'no cable' >&2; exit 7");
        Func<Task> run = () => _folder.RunAsync(ScriptLine.Parse("bad"), "start", [], CancellationToken.None);
        (await run.Should().ThrowAsync<XendException>()).Which.Message.Should().Contain("status 7: no cable");
    }

    [Fact]
    public async Task One_that_does_not_end_is_killed()
    {
        Write("slow", "exec sleep 1000");
        ScriptFolder impatient = Folder(TimeSpan.FromSeconds(1));
        Func<Task> run = () => impatient.RunAsync(ScriptLine.Parse("slow"), "start", [], CancellationToken.None);
        (await run.Should().ThrowAsync<XendException>()).Which.Message.Should().Contain("has not ended within 1 s");
    }

    [Theory]
    [InlineData("nosuch", "neither a plugin (there is vif-x)")]
    [InlineData("../../bin/sh", "only scripts there are run")]
    [InlineData("/bin/sh", "only scripts there are run")]
    [InlineData("plain", "not executable")]
    public void One_that_cannot_be_run_is_refused(string name, string mentioned)
    {
        File.WriteAllText(Path.Combine(_root, "plain"), "");
        Action find = () => _folder.Find(name, ["vif-x"]);
        find.Should().Throw<XendException>().Which.Message.Should().Contain(mentioned);
    }

    [Fact]
    public async Task A_block_script_is_told_where_its_disk_stands_in_the_store()
    {
        Write("block-nbd", "test \"$1 $XENBUS_TYPE $XENBUS_PATH $XENBUS_BASE_PATH $script\" = \"add vbd backend/vbd/1/51712 backend $0\"");
        await _folder.RunBlockAsync(ScriptLine.Parse("block-nbd"), "add", "/local/domain/0/backend/vbd/1/51712", CancellationToken.None);
    }

    private ScriptFolder Folder(TimeSpan limit) => new(_root, new HostPaths(_root), limit);

    private void Write(string name, string text)
    {
        string path = Path.Combine(_root, name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
