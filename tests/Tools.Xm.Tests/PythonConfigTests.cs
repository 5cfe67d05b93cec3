using Hospes.Sxp;
using Hospes.Xm.Configuration;
using Hospes.Xm.Fakes;

namespace Hospes.Xm.Tests;

/// <summary>Configuration files that are scripts, and what they may not do.</summary>
public sealed class PythonConfigTests : IDisposable
{
    private readonly XmFixture _xm = new();

    public PythonConfigTests() => Skip.If(PythonConfigEvaluator.FindInterpreter(_xm.Environment.Variable) is null, "there is no python3 here");

    public void Dispose() => _xm.Dispose();

    [SkippableFact]
    public void The_second_example_makes_machines_by_number()
    {
        string example = Path.Combine(AppContext.BaseDirectory, "examples/xmexample2");
        SxpParser.ParseForm(_xm.Run("create", "-qn", example, "vmid=3").Out).ToString().Should().Be(
            "(vm (name VM3) (memory 64) (vcpus 4) (image (linux (kernel /boot/vmlinuz-2.6.10-xenU) (root '/dev/sda1 ro') (args '4 VMID=3 usr=/dev/sda6')))"
            + " (device (vbd (uname phy:sda10) (dev sda1) (mode w))) (device (vbd (uname phy:sda6) (dev sda6) (mode r))) (device (vif)))");
        _xm.Run("create", "-qn", example).Error.Should().Be("Error: vmid - say which machine is meant, for example vmid=1\n");
        _xm.Run("create", "-qn", example, "vmid=0").Error.Should().Be("Error: vmid - has to be 1 or more, not 0\n");
        _xm.Run("create", "-qn", example, "vmid=x").Error.Should().StartWith("Error: vmid - ").And.Contain("'x'");
        _xm.Run("create", "--help_config", example).Out.Should().EndWith(
            $"\nConfiguration variables for {example}:\nvmid         Number of the virtual machine: an integer from 1.\n");
    }

    [SkippableFact]
    public void The_first_example_takes_no_python() =>
        SxpParser.ParseForm(_xm.Run("create", "-qn", Path.Combine(AppContext.BaseDirectory, "examples/xmexample1")).Out).ToString().Should().Be(
            "(vm (name ExampleDomain) (memory 64) (vcpus 1) (image (linux (kernel /boot/vmlinuz-2.6.10-xenU) (root '/dev/hda1 ro') (args 4)))"
            + " (device (vbd (uname phy:hda1) (dev hda1) (mode w))) (device (vif)))");

    [SkippableTheory]
    [InlineData("import os, re\nname = re.search('x', os.uname()[4]) and 'a' or 'b'", "(name a)")]
    [InlineData("for i in range(2):\n  name = 'n%d' % i", "(name n1)")]
    [InlineData("name = 'VM%s-%d' % (who, len('abc'))", "(name VMme-3)")]
    [InlineData("name = xm_file + str(xm_help)", "(name test.cfg0)")]
    [InlineData("name = add_offset_to_ip('10.0.0.250', 10)", "(name 10.0.1.4)")]
    [InlineData("if check_subnet('10.1.2.3', '10.1.0.0', '255.255.0.0'): name = inet_ntoa(inet_aton('1.2.3.4'))", "(name 1.2.3.4)")]
    [InlineData("if get_current_ipaddr('nosuchdevice') is None: name = 'none'", "(name none)")]
    [InlineData("try:\n  raise ValueError, 'x'\nexcept ValueError, e:\n  name = str(e)", "(name x)")]
    [InlineData("import math\nname = lambda: 3\nmemory = int(math.sqrt(4096))", "(name test.cfg) (memory 64)")]
    [InlineData("def f(): pass\nlocaltime = True", "(localtime 1)")]
    public void Scripts_compute_values(string source, string expected)
    {
        _xm.Write("test.cfg", source);
        XmRun run = _xm.Run("create", "-qn", "test.cfg", "who=me");
        run.Error.Should().BeEmpty();
        SxpParser.ParseForm(run.Out).ToString().Should().Contain(expected);
    }

    [SkippableFact]
    public void What_a_script_prints_is_shown()
    {
        _xm.Write("test.cfg", "print 'id %s' % who\nprint('two')");
        _xm.Run("create", "-n", "test.cfg", "who=me").Out.Should().StartWith("Using config file \"test.cfg\".\nid me\ntwo\n(vm ");
    }

    [SkippableTheory]
    [InlineData("a = 1\nmemory = = 3", 2, "memory = = 3", "         ^ column 10: ")]
    [InlineData("if 1:\n  a = (1,\n", 2, "  a = (1,", "      ^ column 7: ")]
    [InlineData("\tmemory = 3", 1, "\tmemory = 3", "")]
    [InlineData("a = 1\nname = 'x' % nothing", 2, "name = 'x' % nothing", "NameError: ")]
    [InlineData("def f():\n  return 1/0\nname = f()", 2, "  return 1/0", "ZeroDivisionError: ")]
    [InlineData("import sys\nsys.exit('no such machine')", 2, "sys.exit('no such machine')", "the script ended itself: no such machine")]
    [InlineData("a = 'x' * (1 << 40)", 1, "a = 'x' * (1 << 40)", "it needs more than 512 MiB of memory")]
    [InlineData("def f(): return f()\nf()", 1, "def f(): return f()", "RecursionError: ")]
    public void Errors_name_the_line(string source, int line, string text, string problem)
    {
        _xm.Write("test.cfg", source);
        XmRun run = _xm.Run("create", "-qn", "test.cfg");
        run.ExitCode.Should().Be(1);
        run.Error.Should().StartWith($"Error: Errors were found at line {line} while processing test.cfg:\n\t{text}\n\t{problem}");
    }

    [SkippableTheory]
    [InlineData("open('PATH', 'w')", "a configuration file may not write files: 'PATH'")]
    [InlineData("import os; os.open('PATH', os.O_CREAT | os.O_WRONLY)", "a configuration file may not write files: 'PATH'")]
    [InlineData("import os; os.mkdir('PATH')", "a configuration file may not make directories: 'PATH'")]
    [InlineData("import os; os.remove('KEPT')", "a configuration file may not remove files: 'KEPT'")]
    [InlineData("import os; os.rename('KEPT', 'PATH')", "a configuration file may not rename files: 'KEPT'")]
    [InlineData("import os; os.system('touch PATH')", "a configuration file may not start programs: 'touch PATH'")]
    [InlineData("import subprocess; subprocess.call(['touch', 'PATH'])", "a configuration file may not start programs: ")]
    [InlineData("import os; os.fork()", "a configuration file may not start processes")]
    [InlineData("import os; os.kill(os.getppid(), 9)", "a configuration file may not send signals")]
    [InlineData("import socket; socket.socket().connect(('127.0.0.1', 1))", "a configuration file may not use the network")]
    [InlineData("import ctypes; ctypes.CDLL(None)", "a configuration file may not call the C library")]
    [InlineData("import os; os.mknod('PATH')", "OSError: ")] // no audit event: the system's own limits have to stop it
    [InlineData("import os; os.mkfifo('PATH')", "OSError: ")]
    public void Scripts_leave_the_system_alone(string source, string problem)
    {
        string path = Path.Combine(_xm.Directory, "made");
        string kept = _xm.Write("kept", "text");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_xm.Directory, (UnixFileMode)0x1ff); // anybody may write here, so that nothing but the limits stops them
        _xm.Write("test.cfg", "if 1: pass\n" + source.Replace("PATH", path, StringComparison.Ordinal).Replace("KEPT", kept, StringComparison.Ordinal));

        XmRun run = _xm.Run("create", "-qn", "test.cfg");

        run.ExitCode.Should().Be(1);
        run.Error.Replace("Permission", "OS", StringComparison.Ordinal).Should().Contain(
            problem.Replace("PATH", path, StringComparison.Ordinal).Replace("KEPT", kept, StringComparison.Ordinal));
        Path.Exists(path).Should().BeFalse();
        File.ReadAllText(kept).Should().Be("text");
    }

    [SkippableFact]
    public void A_script_that_loops_is_stopped()
    {
        _xm.Environment = _xm.Environment with { ConfigTimeLimit = TimeSpan.FromSeconds(1) };
        _xm.Write("test.cfg", "while 1: pass");
        _xm.Run("create", "-qn", "test.cfg").Should().Be(
            new XmRun(1, "", "Error: test.cfg ran for more than 1 seconds and was stopped: does it loop?\n"));
    }

    [SkippableFact]
    public void A_script_cannot_forge_or_flood_the_answer()
    {
        _xm.Write("test.cfg", "import os\nfor fd in range(3, 20):\n  try: os.write(fd, b'x' * (8 << 20))\n  except OSError: pass\nname = 'x'");
        XmRun run = _xm.Run("create", "-qn", "test.cfg");
        run.ExitCode.Should().Be(1);
        run.Error.Should().StartWith("Error: Running test.cfg with ");
    }
}
