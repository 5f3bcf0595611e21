// The Windows service of Holdfast: starts `node bin/holdfast up` and stops it in order through `node bin/holdfast down`.
// Compiled at installation with the C# 5 compiler that every Windows has, so the language stays at that version.
// Reads HoldfastService.conf beside the program: lines `key=value` in UTF-8 with the keys node, program and
// env.NAME. `HoldfastService.exe check` prints what would be started.
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.ServiceProcess;
using System.Text;

namespace Holdfast
{
    internal sealed class Settings
    {
        public readonly Dictionary<string, string> Values = new Dictionary<string, string>();
        public readonly Dictionary<string, string> Environment = new Dictionary<string, string>();

        public static Settings Read(string file)
        {
            Settings settings = new Settings();
            foreach (string line in File.ReadAllLines(file, Encoding.UTF8))
            {
                int at = line.IndexOf('=');
                if (line.StartsWith("#", StringComparison.Ordinal) || at < 1) continue;
                string key = line.Substring(0, at);
                string value = line.Substring(at + 1);
                if (key.StartsWith("env.", StringComparison.Ordinal)) settings.Environment[key.Substring(4)] = value;
                else settings.Values[key] = value;
            }
            foreach (string key in new[] { "node", "program" })
                if (!settings.Values.ContainsKey(key)) throw new InvalidDataException(file + ": " + key + " is missing");
            return settings;
        }
    }

    internal static class CommandLine
    {
        // The rules by which a C program reads its arguments: backslashes count only in front of a quote.
        public static string Quote(string argument)
        {
            StringBuilder text = new StringBuilder("\"");
            int backslashes = 0;
            foreach (char one in argument)
            {
                if (one == '\\')
                {
                    backslashes += 1;
                    continue;
                }
                text.Append('\\', one == '"' ? backslashes * 2 + 1 : backslashes);
                backslashes = 0;
                text.Append(one);
            }
            text.Append('\\', backslashes * 2);
            return text.Append('"').ToString();
        }

        public static string Join(params string[] arguments)
        {
            return string.Join(" ", Array.ConvertAll(arguments, new Converter<string, string>(Quote)));
        }
    }

    // Everything that this process starts dies with it, also when it is killed: nothing of a stack is left behind.
    internal static class Job
    {
        private const int ExtendedLimitInformation = 9;
        private const uint KillOnJobClose = 0x2000;

        [StructLayout(LayoutKind.Sequential)]
        private struct BasicLimits
        {
            public long PerProcessUserTimeLimit;
            public long PerJobUserTimeLimit;
            public uint LimitFlags;
            public UIntPtr MinimumWorkingSetSize;
            public UIntPtr MaximumWorkingSetSize;
            public uint ActiveProcessLimit;
            public UIntPtr Affinity;
            public uint PriorityClass;
            public uint SchedulingClass;
        }

        [StructLayout(LayoutKind.Sequential)]
        private struct IoCounters
        {
            public ulong ReadOperations;
            public ulong WriteOperations;
            public ulong OtherOperations;
            public ulong ReadBytes;
            public ulong WriteBytes;
            public ulong OtherBytes;
        }

        [StructLayout(LayoutKind.Sequential)]
        private struct ExtendedLimits
        {
            public BasicLimits Basic;
            public IoCounters Io;
            public UIntPtr ProcessMemoryLimit;
            public UIntPtr JobMemoryLimit;
            public UIntPtr PeakProcessMemoryUsed;
            public UIntPtr PeakJobMemoryUsed;
        }

        [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr CreateJobObject(IntPtr attributes, string name);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool SetInformationJobObject(IntPtr job, int kind, ref ExtendedLimits limits, uint size);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);

        [DllImport("kernel32.dll")]
        private static extern IntPtr GetCurrentProcess();

        // The service itself goes in, so that no child can start something before it is in the job. The handle is never
        // closed by hand: the end of this process closes it.
        public static void Enter()
        {
            IntPtr job = CreateJobObject(IntPtr.Zero, null);
            if (job == IntPtr.Zero) throw new Win32Exception();
            ExtendedLimits limits = new ExtendedLimits();
            limits.Basic.LimitFlags = KillOnJobClose;
            uint size = (uint)Marshal.SizeOf(typeof(ExtendedLimits));
            if (!SetInformationJobObject(job, ExtendedLimitInformation, ref limits, size)) throw new Win32Exception();
            if (!AssignProcessToJobObject(job, GetCurrentProcess())) throw new Win32Exception();
        }
    }

    internal sealed class StackService : ServiceBase
    {
        private const int StopMs = 120000;
        private const int LastWords = 20;

        private readonly object gate = new object();
        private readonly Queue<string> words = new Queue<string>();
        private Settings settings;
        private Process stack;
        private bool stopping;

        public StackService()
        {
            ServiceName = "Holdfast";
            CanStop = true;
            CanShutdown = true;
            AutoLog = true;
        }

        public static string ConfigFile()
        {
            string folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
            return Path.Combine(folder, "HoldfastService.conf");
        }

        public static ProcessStartInfo Describe(Settings settings, params string[] command)
        {
            List<string> arguments = new List<string>();
            arguments.Add(settings.Values["program"]);
            arguments.AddRange(command);
            ProcessStartInfo start = new ProcessStartInfo(settings.Values["node"], CommandLine.Join(arguments.ToArray()));
            start.UseShellExecute = false;
            start.CreateNoWindow = true;
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            foreach (KeyValuePair<string, string> one in settings.Environment)
                start.EnvironmentVariables[one.Key] = one.Value;
            return start;
        }

        // The output is read so that its pipe never fills up, and dropped: the first start prints the owner token.
        private Process Run(params string[] command)
        {
            Process process = new Process();
            process.StartInfo = Describe(settings, command);
            process.ErrorDataReceived += delegate(object sender, DataReceivedEventArgs got) { Remember(got.Data); };
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process;
        }

        private void Remember(string line)
        {
            if (string.IsNullOrEmpty(line)) return;
            lock (words)
            {
                words.Enqueue(line);
                if (words.Count > LastWords) words.Dequeue();
            }
        }

        private string Remembered()
        {
            lock (words) return string.Join(Environment.NewLine, words.ToArray());
        }

        protected override void OnStart(string[] args)
        {
            settings = Settings.Read(ConfigFile());
            Job.Enter();
            stack = Run("up");
            stack.EnableRaisingEvents = true;
            stack.Exited += delegate { Ended(); };
            if (stack.HasExited) Ended();
        }

        // `holdfast down` from a terminal ends with 0: the service is stopped then. Anything else is a failure, after which
        // the service manager starts it again.
        private void Ended()
        {
            lock (gate)
            {
                if (stopping) return;
                stopping = true;
            }
            if (stack.ExitCode != 0)
            {
                EventLog.WriteEntry(
                    "The stack ended with code " + stack.ExitCode + "." + Environment.NewLine + Remembered(),
                    EventLogEntryType.Error);
                ExitCode = 1;
            }
            Stop();
        }

        private void StopStack()
        {
            lock (gate)
            {
                if (stopping) return;
                stopping = true;
            }
            RequestAdditionalTime(StopMs);
            using (Process down = Run("down")) down.WaitForExit(StopMs / 2);
            stack.WaitForExit(StopMs / 2);
        }

        protected override void OnStop()
        {
            StopStack();
        }

        protected override void OnShutdown()
        {
            StopStack();
        }
    }

    internal static class Program
    {
        private static int Check()
        {
            Settings settings = Settings.Read(StackService.ConfigFile());
            ProcessStartInfo start = StackService.Describe(settings, "up");
            Console.OutputEncoding = new UTF8Encoding(false);
            Console.WriteLine(CommandLine.Quote(start.FileName) + " " + start.Arguments);
            foreach (KeyValuePair<string, string> one in settings.Environment)
                Console.WriteLine(one.Key + "=" + one.Value);
            return 0;
        }

        private static int Main(string[] args)
        {
            if (args.Length == 1 && args[0] == "check") return Check();
            ServiceBase.Run(new StackService());
            return 0;
        }
    }
}
